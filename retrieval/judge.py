"""A chat model as the judge of `verify`: does a claim follow from its source?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from ..steps import step

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_SECONDS = 30.0
"""What one claim may take, a model that loads first included."""
_PROBABILITY = {"yes": 1.0, "no": 0.0, "unsure": 0.5}


@step(
    prompt="""You compare statements with texts.
---
Text: {{ premise }}

Statement: {{ claim }}

Is the statement true according to the text? A statement with a detail that the text does not give, or with
another number, person, condition or meaning, is not. Answer yes or no.""",
    timeout=_SECONDS,
)
def entails(premise: str, claim: str) -> Literal["yes", "no", "unsure"]:
    """Whether a claim follows from a premise; without a model nobody can say."""
    return "unsure"


def entailment_judge(model: BaseChatModel) -> Callable[[str, str], float]:
    """Return a judge for `verify` that asks a chat model, which may answer yes, no or unsure.

    It blocks while the model answers: not for an event loop's thread. Unsure, or a model that fails, is 0.5,
    which leaves the sentence to the rules.
    """
    asked = entails.using(model)

    def judge(premise: str, claim: str) -> float:
        return _PROBABILITY[asked.run(premise, claim).value]

    return judge
