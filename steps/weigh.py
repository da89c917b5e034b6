"""Weighing: how likely the model is to answer with one text after each of many prompts.

The step returns one natural logarithm of a probability for each item of a list. Nothing is written, so
nothing can be made up. How likely a question is after a passage tells whether the passage answers it: query
likelihood (Ponte and Croft 1998; with language models, Sachan et al. 2022).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from ..errors import DefectError
from .shape import Arguments, Question, UnreadableAnswer

if TYPE_CHECKING:
    from .prompt import Prompt

ITEM = "item"
"""What a template calls the item that it is rendered for."""

_NUMBERS = TypeAdapter(list[float])
_NUMBER_TOKENS = 3
"""Of `Question.max_tokens`, for a number of the answer: its text has some twenty characters."""


class WeighShape:
    """One log-likelihood for each item.

    Args:
        items: The parameter that holds the list.
        answer: The parameter that holds the text whose likelihood is told.
    """

    def __init__(self, items: str, answer: str) -> None:
        self.items = items
        self.answer = answer

    def ask(self, prompt: Prompt, arguments: Arguments, max_tokens: int) -> Question:
        """Render the template for each item; all of them, and the answer, stand for the question.

        The model goes on from each text, and does not reply to it: that tells more (docs/methods.md).
        """
        from langchain_core.messages import HumanMessage

        answer = arguments[self.answer]
        rendered = [prompt.render({**arguments, ITEM: item}) for item in arguments[self.items]]
        texts = ["\n\n".join(str(message.content) for message in messages) for messages in rendered]
        return Question(
            [HumanMessage("\n\n".join([*texts, answer]))],
            {"likelihoods": {"prompts": texts, "answer": answer, "plain": True}},
            len(texts) * (len(answer) // 3 + _NUMBER_TOKENS),
            size=sum(len(str(message.content)) for messages in rendered for message in messages),
            needs="likelihoods",
            again=False,
        )

    def read(self, text: str, arguments: Arguments) -> list[float]:
        """Read a JSON list of finite numbers, one for each item."""
        if not text.strip():
            raise UnreadableAnswer("empty", "the answer is empty")
        try:
            numbers = _NUMBERS.validate_json(text, strict=True)
        except ValidationError as error:
            raise UnreadableAnswer("invalid", f"not a list of numbers: {error.errors()[0]['msg']}") from error
        items = len(arguments[self.items])
        if len(numbers) != items:
            raise UnreadableAnswer("schema", f"{len(numbers)} likelihoods for {items} items")
        if not all(map(math.isfinite, numbers)):
            raise UnreadableAnswer("schema", "a likelihood is not a finite number")
        return numbers

    def part(self, text: str, arguments: Arguments) -> list[float] | None:
        """Some of the numbers rank nothing."""
        return None


def weigh_shape(name: str, parameters: Mapping[str, Any], returns: Any, answer: str) -> WeighShape:
    """Return the shape that a step's signature asks for.

    Raises:
        DefectError: The signature is not one of a weigh step.
    """
    lists = [parameter for parameter, kind in parameters.items() if kind == list[str]]
    if returns != list[float] or len(lists) != 1:
        raise DefectError(
            f"Weigh step {name!r} must return list[float], with one parameter of type list[str].",
            "For example: def weigh(passages: list[str], point: str) -> list[float].",
        )
    if parameters.get(answer) is not str:
        raise DefectError(
            f"Weigh step {name!r} tells the likelihood of {answer!r}, which is no parameter of type str.",
            f"Name one with answer=...; it has {sorted(parameters)}.",
        )
    if ITEM in parameters:
        raise DefectError(
            f"Weigh step {name!r} has a parameter {ITEM!r}, which is the prompt's name for each item.",
            "Give it another name.",
        )
    return WeighShape(lists[0], answer)
