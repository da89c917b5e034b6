"""Text from tokens, without a model."""

import pytest

from limner.models.engines.answer_text import AnswerText


class Bytes:
    """A tokenizer whose tokens are bytes."""

    def decode(self, ids: list[int], **options: bool) -> str:
        return bytes(ids).decode("utf-8", errors="replace")


def pieces(text: str | bytes, *stop: str) -> list[str]:
    answer = AnswerText(Bytes(), stop)
    out = []
    for token in text.encode() if isinstance(text, str) else text:
        out.append(answer.push(token))
        if answer.stopped:
            return out
    return [*out, answer.rest()]


@pytest.mark.parametrize("text", ["plain", "ünïcode", "漢字 and 😀", "", "a\ufffdb"])
def test_the_pieces_make_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_a_character_comes_whole() -> None:
    assert pieces("a😀b") == ["a", "", "", "", "😀", "b", ""]


def test_half_a_character_at_the_end_is_left_out() -> None:
    assert "".join(pieces("a😀".encode()[:-1])) == "a"


def test_bytes_that_are_no_text_do_not_hold_the_rest_back() -> None:
    assert "".join(pieces(b"\xff" * 20 + b"abc")).endswith("abc")


@pytest.mark.parametrize(
    ("text", "stop", "expected"),
    [
        ("one END two", ("END",), "one "),
        ("EEND", ("END",), "E"),
        ("one EN two", ("END",), "one EN two"),
        ("one EN", ("END",), "one EN"),
        ("abcd", ("cd", "bc"), "a"),
        ("x😀y", ("😀",), "x"),
    ],
)
def test_a_stop_text_cuts_the_answer(text: str, stop: tuple[str, ...], expected: str) -> None:
    assert "".join(pieces(text, *stop)) == expected
