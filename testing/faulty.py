"""`FaultyModel`: a chat model that fails on purpose, in one of the ways that local models do."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, get_args

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from ..errors import InputError

Fault = Literal[
    "raise", "hang", "slow", "endless", "loop", "invalid_json", "empty", "out_of_memory", "truncated", "lies"
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
_ALIASES = {
    "slow_tokens": "slow",
    "oom": "out_of_memory",
    "invalid": "invalid_json",
    "raises": "raise",
    "lie": "lies",
}

_LIE = "Every order ships free to the Moon within 9,731 days, and refunds are never paid."


class FaultyModel(BaseChatModel):
    """Fails in one way, for ever.

    - ``raise``: raises RuntimeError; ``out_of_memory``: as CUDA does; ``hang``: never answers;
    - ``slow``: a token every `pause` seconds; ``endless``: never stops; ``loop``: repeats one sentence;
    - ``invalid_json``, ``empty``, ``truncated``: a broken answer;
    - ``lies``: an answer in perfect form whose facts are false.
    """

    limner_accepts: ClassVar[frozenset[str]] = frozenset({"json_schema", "choices", "likelihoods"})
    model_name: str = "faulty"
    fault: Fault
    pause: float = 0.2

    def __init__(self, fault: str, **fields: Any) -> None:
        name = re.sub(r"[\s-]+", "_", fault.strip().lower())
        name = _ALIASES.get(name, name)
        if name not in FAULTS:
            raise InputError(f"There is no fault {fault!r}.", f"Use one of {', '.join(FAULTS)}.")
        super().__init__(**{"fault": name, **fields})

    @property
    def _llm_type(self) -> str:
        return "faulty"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # an endless model would never return here: give what it says in its first thousand pieces
        pieces = (piece for _, piece in zip(range(1000), self._pieces(kwargs), strict=False))
        return ChatResult(generations=[ChatGeneration(message=AIMessage("".join(pieces)))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for piece in self._pieces(kwargs):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        if self.fault == "truncated":
            end = AIMessageChunk(content="", response_metadata={"finish_reason": "length"})
            yield ChatGenerationChunk(message=end)

    def _pieces(self, options: dict[str, Any]) -> Iterator[str]:
        match self.fault:
            case "raise":
                raise RuntimeError("the model broke down")
            case "out_of_memory":
                raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
            case "hang":
                threading.Event().wait()
            case "slow":
                for word in _LIE.split() * 20:
                    threading.Event().wait(self.pause)
                    yield word + " "
            case "endless":
                number = 0
                while True:
                    number += 1
                    yield f"and then number {number} came, "
            case "loop":
                yield "It is what it is. " * 30
            case "invalid_json":
                yield '{"title": "Half an ob'
            case "empty":
                yield ""
            case "truncated":
                yield "The sentence that was never"
            case "lies":
                yield _lie(options)


def _lie(options: dict[str, Any]) -> str:
    if "choices" in options:
        lines = options["choices"]["options"][: options["choices"]["at_most"]]
        return "\n".join(re.sub(r"\d", "9", line) + " It is not true." for line in lines)
    if "likelihoods" in options:
        return json.dumps([-float(len(prompt)) for prompt in options["likelihoods"]["prompts"]])
    if "json_schema" in options:
        schema = options["json_schema"]
        return json.dumps(_instance(schema, schema.get("$defs", {})))
    return _LIE


def _instance(schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    """A value that fits a schema and means nothing."""
    if "$ref" in schema:
        return _instance(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[-1])
    if "anyOf" in schema:
        return _instance(schema["anyOf"][0], defs)
    match schema.get("type"):
        case "object":
            return {key: _instance(value, defs) for key, value in schema.get("properties", {}).items()}
        case "array":
            return [_instance(schema.get("items", {}), defs)] * max(2, schema.get("minItems", 0))
        case "integer" | "number":
            return 9731
        case "boolean":
            return True
        case "null":
            return None
    return _LIE
