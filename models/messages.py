"""LangChain messages in the plain form that every chat template takes: a role and a text."""

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from ..errors import InputError


def plain_messages(messages: Sequence[BaseMessage], instructions: str = "") -> tuple[dict[str, str], ...]:
    """Return messages as {"role", "content"}.

    Args:
        messages: A conversation, not empty. Results of tools become a user's words, since many templates
            know no role for them.
        instructions: Text to add to the system message, which is made where there is none.

    Raises:
        InputError: One holds something other than text.
    """
    plain = [_plain(message) for message in messages]
    if instructions and plain[0]["role"] == "system":
        plain[0] = {"role": "system", "content": f"{plain[0]['content']}\n\n{instructions}"}
    elif instructions:
        plain.insert(0, {"role": "system", "content": instructions})
    return tuple(plain)


def _plain(message: BaseMessage) -> dict[str, str]:
    text = _text(message)
    match message:
        case SystemMessage():
            return {"role": "system", "content": text}
        case HumanMessage():
            return {"role": "user", "content": text}
        case AIMessage():
            calls = [{"name": call["name"], "arguments": call["args"]} for call in message.tool_calls]
            lines = [text] if text else []
            lines += [json.dumps(call, ensure_ascii=False) for call in calls]
            return {"role": "assistant", "content": "\n".join(lines)}
        case ToolMessage() | FunctionMessage():
            return {"role": "user", "content": f"Result of the tool {message.name or ''}:\n{text}"}
        case ChatMessage():
            return {"role": message.role, "content": text}
        case _:
            raise InputError(
                f"A message of type {message.type!r} cannot be sent to a local model.",
                "Use system, human, AI and tool messages.",
            )


def _text(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = []
    for block in message.content:
        if isinstance(block, str):
            parts.append(block)
        elif block.get("type") == "text":
            parts.append(str(block["text"]))
        elif block.get("type") not in ("tool_use", "tool_call"):
            raise InputError(
                f"A message holds a {block.get('type')!r} block; this model reads text alone.",
                "Take the block out, or name a model that reads it.",
            )
    return "".join(parts)
