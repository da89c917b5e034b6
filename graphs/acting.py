"""Acting for a customer: propose with the arguments repeated, carry out after a yes, tell what came of it.

What is pending travels as plain data in the thread's memory: kind (``confirm``, ``missing``, ``which``,
``person``), the tool, its arguments with their evidence, and the key under which the effect is done once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from langchain_core.tools import BaseTool

from ..agents import phrases
from ..agents.intents import Intent
from ..screening import Vault
from ..tools.arguments import Filled, fill
from ..tools.call import NO_RECORD, ToolResult, allow, call_tool
from ..tools.policy import grant_needed, policy_of
from ..tools.schema import KEY
from .desk import Desk

Part = dict[str, Any]
"""One thing that a message asks for: n, kind, text (completed), said (as written), tool, arguments ..."""
Done = dict[str, Any]
"""What came of a part: status, lines, and action, pending, facts, tried where there are such."""
FREE_TEXT = ("reason", "note", "comment")
"""Arguments that are whatever the customer says when asked."""
MOST_ROWS = 8
"""Rows of a list that are read out."""
MOST_ASKED = 2
"""How often a missing argument is asked for before a colleague is offered."""


def line(text: str, passage: str | None = None) -> dict[str, Any]:
    """One piece of a reply; `passage` is the one that a fact must be supported by."""
    return {"text": text, "passage": passage}


def told(status: str, *texts: str, **more: Any) -> Done:
    """A result that states nothing of the documents."""
    return {"status": status, "lines": [line(text) for text in texts if text], **more}


def intent_of(desk: Desk, tool: BaseTool) -> Intent | None:
    """The intent that the tool is for, where there is one."""
    intents = desk.intents.intents if desk.intents is not None else ()
    return next((intent for intent in intents if intent.tool == tool.name), None)


def title_of(desk: Desk, tool: BaseTool, arguments: Mapping[str, Any]) -> str:
    """What a call does, its arguments repeated: in the words of its intent, or of the tool's docstring."""
    intent = intent_of(desk, tool)
    if intent is not None and intent.action:
        filled = filled_in(intent.action, arguments)
        if filled:
            return filled
    title = (
        intent.description if intent is not None else tool.description.strip().split("\n")[0].split(". ")[0]
    )
    given = [f"{phrases.named(name)} {value}" for name, value in shown(tool, arguments).items()]
    return phrases.lower_first(title).rstrip(".") + (
        f", with {phrases.listed(given, 'and')}" if given else ""
    )


def purpose_of(desk: Desk, tool: BaseTool) -> str:
    """What a tool is for."""
    return title_of(desk, tool, {})


def shown(tool: BaseTool, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The arguments that the customer chose, as they are read back."""
    owner = policy_of(tool).owner
    return {name: str(value) for name, value in arguments.items() if name != owner and value is not None}


def read_arguments(desk: Desk, tool: BaseTool, message: str, facts: Mapping[str, Any]) -> Filled:
    """Take a tool's arguments from the message and the thread; none is invented.

    What another tool reads as the argument of that name, this one does too: an example of an order number
    need stand in one description only.
    """
    filled = fill(tool, message, facts)
    for other in desk.tools.values():
        shared = set(other.args) & set(tool.args) - {policy_of(other).owner}
        said = fill(other, message) if shared else Filled()
        for name in shared & set(said.arguments):
            known = filled.evidence.get(name)
            if known is None or known.where != "message":
                filled.arguments[name], filled.evidence[name] = said.arguments[name], said.evidence[name]
    missing = [name for name in filled.missing if name not in filled.arguments]
    return Filled(filled.arguments, filled.evidence, missing)


def hidden(arguments: Mapping[str, Any], masked: str, vault: Vault) -> dict[str, Any]:
    """Arguments with placeholders for what was masked in the message that they come from."""
    return {
        name: vault.put(re.sub(r"[^a-z]", "", name.lower()) or "value", value)
        if isinstance(value, str)
        and value not in masked
        and vault.restore(masked) != masked
        and vault.restore(value) == value
        else value
        for name, value in arguments.items()
    }


async def look_up(
    desk: Desk, tool: BaseTool, arguments: Mapping[str, Any], customer: str, vault: Vault, key: str
) -> ToolResult | None:
    """Look at the record that a change is about, with a reading tool that takes arguments known already."""
    for other in desk.tools.values():
        policy = policy_of(other)
        needs = set(other.args) - {policy.owner, KEY}
        if not policy.effect and policy.owner and needs and needs <= set(arguments) & set(tool.args):
            known = vault.restore({name: arguments[name] for name in needs})
            return await call_tool(
                other, known, journal=desk.journal, key=f"{key} {other.name}", subject=customer
            )
    return None


async def act(
    desk: Desk, part: Part, facts: Mapping[str, Any], customer: str, vault: Vault, key: str
) -> Done:
    """Call a reading tool at once; propose a call that changes something; ask for what is missing."""
    tool = desk.tools[part["tool"]]
    policy = policy_of(tool)
    if policy.owner and not customer:
        return told("refused", phrases.SIGN_IN, tried=[f"{tool.name}: nobody is signed in"])
    arguments, evidence = dict(part.get("arguments", {})), dict(part.get("evidence", {}))
    text = vault.restore(part["text"])
    filled = read_arguments(desk, tool, text, {**facts, **arguments})
    arguments |= hidden(filled.arguments, part["text"], vault)
    evidence |= {name: each.where for name, each in filled.evidence.items()}
    if policy.effect and customer:
        found = await look_up(desk, tool, arguments, customer, vault, key)
        if found is not None and found.status == "refused":
            return told("refused", unknown_record(found.text), tried=[f"{found.tool}: {found.reason}"])
        if found is not None and found.status == "done":
            # a record names the things that the customer may mean; what it holds is no wish of theirs
            meant = fill(tool, text, {**facts, **arguments}, found.output)
            said = {name for name, each in filled.evidence.items() if each.where == "message"}
            for name, each in meant.evidence.items():
                if each.where == "message" and name not in said:
                    arguments |= hidden({name: meant.arguments[name]}, part["text"], vault)
                    evidence[name] = each.where
    missing = [name for name in filled.missing if name not in arguments]
    if missing in ([name] for name in FREE_TEXT) and part.get("wanted") == missing:
        # the customer was asked for nothing else: the whole message is the answer
        arguments[missing[0]] = evidence[missing[0]] = part["said"][:200]
        missing = []
    title = purpose_of(desk, tool) if missing else title_of(desk, tool, arguments)
    pending = {"tool": tool.name, "arguments": arguments, "evidence": evidence, "key": key, "title": title}
    if missing:
        asked = part.get("asked", 0) + 1
        if asked > MOST_ASKED:
            question = f"{title}: {part['said']}"
            return told(
                "asked_back",
                f"I could not make out the {phrases.named(missing[0])}.",
                phrases.OFFER_PERSON,
                pending={"kind": "person", "question": question},
            )
        return told(
            "asked_back",
            ask_for(tool, missing, title),
            pending={**pending, "kind": "missing", "missing": missing, "asked": asked},
        )
    if policy.effect or policy.confirm:
        return told(
            "asked_back",
            phrases.repeated(title),
            pending={**pending, "kind": "confirm"},
            action={"tool": tool.name, "arguments": arguments, "state": "proposed"},
            facts=kept_facts(tool, arguments),
        )
    return await carry_out(desk, pending, customer, vault)


async def confirm(desk: Desk, pending: Mapping[str, Any], customer: str, vault: Vault) -> Done:
    """The customer said yes: do it, or have a person approve it."""
    tool = desk.tools[pending["tool"]]
    arguments = vault.restore(dict(pending["arguments"]))
    await allow(
        tool, arguments, journal=desk.journal, key=pending["key"], subject=customer or None, by="customer"
    )
    if grant_needed(policy_of(tool), arguments) == "person":
        return told(
            "handed_over",
            f"Thank you. A colleague has to approve this first: {pending['title']}."
            " It will be done as soon as that has happened.",
            action={"tool": tool.name, "arguments": pending["arguments"], "state": "waiting"},
            approve=dict(pending),
        )
    return await carry_out(desk, pending, customer, vault)


async def approved(desk: Desk, pending: Mapping[str, Any], answer: Any, customer: str, vault: Vault) -> Done:
    """A person answered: do it, or tell the customer that it was declined."""
    if not (isinstance(answer, Mapping) and answer.get("approve") is True):
        note = str(answer.get("note", "")) if isinstance(answer, Mapping) else ""
        return told(
            "refused",
            f"A colleague has looked at your request and declined it: {pending['title']}.",
            note,
            "Nothing was changed.",
            action={"tool": pending["tool"], "arguments": pending["arguments"], "state": "declined"},
        )
    tool, arguments = desk.tools[pending["tool"]], vault.restore(dict(pending["arguments"]))
    await allow(
        tool, arguments, journal=desk.journal, key=pending["key"], subject=customer or None, by="person"
    )
    return await carry_out(desk, pending, customer, vault)


async def carry_out(desk: Desk, pending: Mapping[str, Any], customer: str, vault: Vault) -> Done:
    """Call the tool and say what came of it."""
    tool = desk.tools[pending["tool"]]
    result = await call_tool(
        tool,
        vault.restore(dict(pending["arguments"])),
        journal=desk.journal,
        key=pending["key"],
        subject=customer or None,
    )
    return outcome_of(desk, tool, pending, result)


def outcome_of(desk: Desk, tool: BaseTool, pending: Mapping[str, Any], result: ToolResult) -> Done:
    """A tool's result as a part of the reply."""
    action = {"tool": tool.name, "arguments": pending["arguments"], "state": result.status}
    tried = [f"{tool.name}: {result.status}"]
    match result.status:
        case "done":
            intent = intent_of(desk, tool)
            # an output that speaks to the bot is shown as the data that it is
            plain = "injection" not in result.reason
            lines = [(plain and spoken(result.output, intent.reply if intent else "")) or result.text]
            return told(
                "acted",
                *lines,
                action={**action, "output": result.output},
                facts=kept_facts(tool, pending["arguments"]),
                tried=tried,
            )
        case "refused":
            return told("refused", unknown_record(result.text), action=action, tried=tried)
        case "unknown":
            return told(
                "handed_over",
                "I could not find out whether that went through, so I am not trying it a second time.",
                "A colleague will check it and tell you.",
                action=action,
                tried=tried,
                hand_over=pending["title"],
            )
        case _:
            return told(
                "handed_over",
                f"I could not do that just now: {pending['title']}. Nothing was changed.",
                phrases.HANDED,
                action=action,
                tried=tried,
                hand_over=pending["title"],
            )


def unknown_record(text: str) -> str:
    """A tool's refusal; of another's record no more is said than of one that is not there."""
    return phrases.NO_RECORD if text == NO_RECORD else text


def ask_for(tool: BaseTool, missing: list[str], title: str) -> str:
    """Ask for arguments by what the tool's schema says of them."""
    wanted = [_described(tool, name) for name in missing]
    return f"To {phrases.lower_first(title)} I need {phrases.listed(wanted, 'and')}. Could you tell me?"


def _described(tool: BaseTool, name: str) -> str:
    about = tool.args.get(name, {}).get("description", "")
    return f"the {phrases.named(name)}{f' ({about.rstrip(chr(46))})' if about else ''}"


def kept_facts(tool: BaseTool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What later turns may mean by "it": the short arguments of this call."""
    return {
        name: value
        for name, value in arguments.items()
        if name != policy_of(tool).owner and isinstance(value, str | int) and len(str(value)) <= 60
    }


def spoken(output: Any, template: str = "") -> str:
    """A tool's output as sentences; "" where it is none that can be read out."""
    if isinstance(output, str):
        return output
    if isinstance(output, Mapping):
        said = " ".join(
            filter(None, (filled_in(part, output) for part in re.split(r"(?<=[.!?])\s+", template)))
        )
        rows = [
            f"{phrases.named(str(name))}: {plainly(value)}"
            for name, value in output.items()
            if plainly(value)
        ]
        return said or (f"{phrases.upper_first('; '.join(rows))}." if rows else "")
    if isinstance(output, list):
        rows = [f"- {spoken(item, template)}" for item in output[:MOST_ROWS]]
        more = f"\n- and {len(output) - MOST_ROWS} more" if len(output) > MOST_ROWS else ""
        return "\n".join(rows) + more if rows else "There is nothing of that kind."
    return ""


def filled_in(template: str, values: Mapping[str, Any]) -> str:
    """A template with its ``{field}`` or ``{field.inner}`` filled in; "" where a value is missing."""
    said = template
    for field in re.findall(r"\{([\w.]+)\}", template):
        outer, _, inner = field.partition(".")
        value = values.get(outer)
        if inner and isinstance(value, list):
            value = [row.get(inner) for row in value if isinstance(row, Mapping)]
        elif inner:
            value = value.get(inner) if isinstance(value, Mapping) else None
        if not plainly(value):
            return ""
        said = said.replace(f"{{{field}}}", plainly(value))
    return said


def plainly(value: Any) -> str:
    """A value as people write it: a day for a moment, two digits for cents; "" for nothing."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return phrases.listed([plainly(item) for item in value], "and")
    if isinstance(value, Mapping):
        return ", ".join(
            f"{phrases.named(str(name))} {plainly(item)}" for name, item in value.items() if plainly(item)
        )
    day = re.match(r"(\d{4}-\d\d-\d\d)(?:T[\d:.]+Z?)?$", str(value))
    return f"{date.fromisoformat(day[1]):%B %d, %Y}".replace(" 0", " ") if day else str(value)
