"""Putting a reply together from its parts."""

from __future__ import annotations

from typing import Any

from limner.graphs.conversation.composing import compose

PRICE = "Shipping to Europe costs $32 and takes 8 to 14 business days."


def done(status: str, *lines: tuple[str, str | None]) -> dict[str, Any]:
    return {
        "status": status,
        "lines": [{"text": text, "passage": passage, "header": ""} for text, passage in lines],
    }


def message(**results: dict[str, Any]) -> dict[str, Any]:
    """A message whose parts are questions, with what came of each."""
    said = ["Do you ship to Norway?", "What does it cost?"]
    parts = [{"n": n, "said": said[n], "kind": "answer"} for n in range(len(results))]
    return {
        "message": " ".join(said),
        "parts": parts,
        "done": {str(n): result for n, result in enumerate(results.values())},
    }


def test_what_answers_one_question_is_not_quoted_for_the_other() -> None:
    reply = compose(
        message(
            first=done("quoted", ("The closest passage is this:", None), (PRICE, "p1")),
            second=done("answered", (PRICE, "p1")),
        )
    )
    assert reply["status"] == "answered"
    assert reply["text"].count(PRICE) == 1
    assert "closest" not in reply["text"]


def test_a_quotation_that_answers_nothing_else_stays() -> None:
    reply = compose(
        message(
            first=done("quoted", ("The closest passage is this:", None), ("We ship to 40 countries.", "p2")),
            second=done("answered", (PRICE, "p1")),
        )
    )
    assert "“We ship to 40 countries.”" in reply["text"]
    assert PRICE in reply["text"]


def test_two_questions_with_one_answer_get_it_once() -> None:
    reply = compose(message(first=done("answered", (PRICE, "p1")), second=done("answered", (PRICE, "p1"))))
    assert reply["text"].count(PRICE) == 1
