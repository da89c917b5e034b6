"""`ScriptedModel`: a chat model that says what it is told to say, and remembers what it was asked."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from ..errors import InputError, ModelError

Script = Sequence[str] | Callable[[Sequence[BaseMessage]], str]
Likelihood = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class Request:
    """One call that a double received."""

    messages: tuple[BaseMessage, ...]
    options: dict[str, Any] = field(default_factory=dict)
    """Grammar, seed, deadline and so on, as a real model of Limner gets them."""

    @property
    def prompt(self) -> str:
        """The text of the last message."""
        return str(self.messages[-1].content)


class ScriptedModel(BaseChatModel):
    """Answers from a script: texts in order, the last one repeated, or a function of the messages.

    Args:
        script: The texts, or the function.
        likelihood: How likely it is, as a natural logarithm, to answer a prompt with a text:
            ``likelihood(prompt, answer)``. Without it the model does not take the option "likelihoods".
        fields: Of a LangChain chat model.

    Raises:
        InputError: The script is empty.
    """

    limner_accepts: ClassVar[frozenset[str]] = frozenset(
        {"json_schema", "choices", "seed", "deadline", "max_tokens", "temperature"}
    )
    model_name: str = "scripted"
    _script: Script = PrivateAttr()
    _likelihood: Likelihood | None = PrivateAttr()
    _requests: list[Request] = PrivateAttr(default_factory=list)

    def __init__(self, script: Script, likelihood: Likelihood | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        if not callable(script) and not script:
            raise InputError("A ScriptedModel needs at least one answer.", "Pass a list of texts.")
        self._script, self._likelihood = script, likelihood
        if likelihood is not None:
            # of this model alone, past pydantic: the class says what every scripted model takes
            object.__setattr__(self, "limner_accepts", type(self).limner_accepts | {"likelihoods"})

    @classmethod
    def from_file(cls, path: str | Path) -> ScriptedModel:
        """Read a JSON list of texts, or of ``{"when": REGEX, "say": TEXT}``; the first match answers.

        Raises:
            InputError: The file is missing or is not such a list.
        """
        try:
            rows = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"Cannot read the script {str(path)!r}: {error}.", "It is a JSON list."
            ) from error
        if not isinstance(rows, list) or not rows:
            raise InputError(f"The script {str(path)!r} is not a list of answers.", "Give at least one.")
        if all(isinstance(row, str) for row in rows):
            return cls(rows)
        try:
            rules = [(re.compile(row["when"], re.DOTALL), str(row["say"])) for row in rows]
        except (TypeError, KeyError, re.error) as error:
            raise InputError(
                f"The script {str(path)!r} is not a list of texts or of when/say rules: {error!r}."
            ) from error

        def answer(messages: Sequence[BaseMessage]) -> str:
            text = "\n".join(str(message.content) for message in messages)
            for pattern, say in rules:
                if pattern.search(text):
                    return say
            raise ModelError("No rule of the script matches the prompt.", "Add a rule with an empty 'when'.")

        return cls(answer)

    @property
    def requests(self) -> list[Request]:
        """Every call so far, oldest first."""
        return self._requests

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _answer(self, messages: list[BaseMessage], options: dict[str, Any]) -> str:
        self._requests.append(Request(tuple(messages), options))
        if options.get("likelihoods") is not None and self._likelihood is not None:
            asked = options["likelihoods"]
            return json.dumps([self._likelihood(prompt, asked["answer"]) for prompt in asked["prompts"]])
        if callable(self._script):
            return self._script(messages)
        return self._script[min(len(self._requests), len(self._script)) - 1]

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = AIMessage(self._answer(messages, kwargs))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for word in re.findall(r"\s*\S+\s*|\s+", self._answer(messages, kwargs)) or [""]:
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages, **kwargs):
            yield chunk
