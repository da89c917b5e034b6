"""A chat model as the judge of `verify`; the model is a double."""

from __future__ import annotations

import pytest

from limner.retrieval import entailment_judge, verify
from limner.retrieval.judge import entails
from limner.testing import FaultyModel, ScriptedModel

SOURCE = "Worn shoes are not accepted. The price is refunded within 5 days."
FREE = "Footwear that somebody has walked in stays with its buyer."


def judged(text: str, *answers: str) -> str:
    """The verdict on a sentence, with a model that gives these answers."""
    model = ScriptedModel([f'"{answer}"' for answer in answers])
    return verify(text, SOURCE, judge=entailment_judge(model)).sentences[0].status


@pytest.mark.parametrize(
    ("answer", "status"), [("yes", "supported"), ("no", "unsupported"), ("unsure", "supported")]
)
def test_it_may_reject_what_the_rules_let_through(answer: str, status: str) -> None:
    text = "Within 5 days we refund the price."
    assert verify(text, SOURCE).supported
    assert judged(text, answer) == status


@pytest.mark.parametrize(
    ("answer", "status"), [("yes", "supported"), ("no", "unsupported"), ("unsure", "unsupported")]
)
def test_it_may_accept_what_only_says_it_in_other_words(answer: str, status: str) -> None:
    assert not verify(FREE, SOURCE).supported
    assert judged(FREE, answer) == status


def test_it_is_not_asked_about_a_wrong_figure() -> None:
    assert judged("Buyers see their money again in 9 days.", "yes") != "supported"


def test_it_is_not_asked_about_an_exact_quote() -> None:
    assert judged("Worn shoes are not accepted.", "no") == "supported"


def test_a_model_that_fails_leaves_the_sentence_to_the_rules() -> None:
    judge = entailment_judge(FaultyModel("raise"))
    assert judge(SOURCE, FREE) == 0.5
    assert verify("Within 5 days we refund the price.", SOURCE, judge=judge).supported
    assert entails.run(SOURCE, FREE).value == "unsure"
