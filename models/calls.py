"""One call of the chat model: what the engine is asked, and which tools its answer calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage, ToolCall, convert_to_openai_messages

from ..errors import InputError
from . import tool_calls
from .engines.base import ChatRequest, Done, Grammar
from .engines.choices import choices_grammar
from .likelihoods import Weighed, read_option
from .messages import plain_messages


@dataclass(frozen=True, slots=True)
class Call:
    """A prepared call.

    For a model without a form of its own for tools, the prompt explains them, and the answer is read.
    """

    request: ChatRequest
    explained: Sequence[Mapping[str, Any]] = ()
    """The functions that the prompt explains."""
    weighed: Weighed | None = None
    """Prompts after which the request's forced text is weighed; None where an answer is written."""

    def may_be_call(self, text: str) -> bool:
        """Tell whether an answer that begins like this could be a tool call to be read."""
        if not self.explained:
            return False
        return tool_calls.must_call(self.request.tool_choice) or tool_calls.may_be_call(text)

    def tool_calls(self, text: str, done: Done) -> list[ToolCall]:
        """Return the calls that an answer makes."""
        if self.explained:
            return tool_calls.parse_calls(text, self.explained, str(self.request.messages))
        return [
            ToolCall(name=call.name, args=dict(call.arguments), id=call.id, type="tool_call")
            for call in done.calls
        ]


def prepare(
    messages: Sequence[BaseMessage],
    options: Mapping[str, Any],
    sampling: Mapping[str, Any],
    takes_tools: bool,
) -> Call:
    """Turn LangChain's messages and options into a request.

    Args:
        messages: A conversation.
        options: `json_schema`, `choices` or `likelihoods`; `tools`, `tool_choice` and `parallel_tool_calls`.
        sampling: The other fields of `ChatRequest`.
        takes_tools: The engine is a `ToolEngine`.

    Raises:
        InputError: An option is out of range, or a message cannot be sent.
    """
    if not messages:
        raise InputError("There is no message to answer.", "Pass at least one.")
    tools, choice = options.get("tools") or [], options.get("tool_choice")
    functions = tool_calls.offered_tools(tools, choice)
    parallel = options.get("parallel_tool_calls")
    grammar = _grammar(options)
    if options.get("likelihoods") is not None:
        if grammar is not None or tools:
            raise InputError("A call asks for likelihoods and for an answer.", "Ask for one of the two.")
        asked = read_option(options["likelihoods"])
        forced = ChatRequest(plain_messages(messages), forced=asked.answer, deadline=sampling.get("deadline"))
        return Call(forced, weighed=asked)
    if takes_tools:
        own = tuple(convert_to_openai_messages(messages))
        request = ChatRequest(
            messages=own,
            grammar=grammar,
            tools=tuple(tools),
            tool_choice=choice,
            parallel_tool_calls=parallel,
            **sampling,
        )
        return Call(request)
    if grammar is None and functions and tool_calls.must_call(choice):
        most = 1 if parallel is False else tool_calls.MOST_CALLS
        grammar = Grammar("json_schema", json.dumps(tool_calls.calls_schema(functions, most)))
    told = tool_calls.instructions(functions, choice) if functions else ""
    request = ChatRequest(
        messages=plain_messages(messages, told), grammar=grammar, tool_choice=choice, **sampling
    )
    return Call(request, functions)


def _grammar(options: Mapping[str, Any]) -> Grammar | None:
    schema, choices = options.get("json_schema"), options.get("choices")
    if schema is not None and choices is not None:
        raise InputError("A call carries both json_schema and choices.", "Give one of the two.")
    if schema is not None:
        return Grammar("json_schema", json.dumps(schema))
    if choices is None:
        return None
    return choices_grammar(
        choices["options"],
        choices.get("at_least", 1),
        choices.get("at_most", len(choices["options"])),
        choices.get("separator", "\n"),
    )
