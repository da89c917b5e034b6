"""What points of briefs ask about, and what documents tell."""

from __future__ import annotations

import pytest

from limner.agents.articles.concerns import asked, told


@pytest.mark.parametrize(
    ("point", "sentence", "concern"),
    [
        ("the bill for two nights", "Visitors pay £18 a night.", "price"),
        ("what happens if plans change", "A visitor booking can be cancelled until noon.", "cancellation"),
        ("money back for people affected", "The unused months are refunded.", "refund"),
        ("an accident with red wine or a rip", "A tear in the cloth is charged.", "damage"),
        ("how long owners can sleep on board", "You may sleep on board for up to 21 nights.", "duration"),
        ("where one can work in peace", "Study rooms hold four people.", "quiet"),
    ],
)
def test_a_point_and_the_sentence_that_tells_it_share_a_concern(
    point: str, sentence: str, concern: str
) -> None:
    assert concern in asked(point) & told(sentence)


def test_words_that_only_look_alike_are_no_concern() -> None:
    assert not asked("the history of the works") and not told("The carpet is red.")
