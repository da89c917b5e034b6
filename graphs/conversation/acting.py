"""Acting for a customer: propose with the arguments repeated, carry out after a yes, tell what came of it.

What is pending travels as plain data in the thread's memory: kind (``confirm``, ``missing``, ``which``,
``person``, ``again`` for another number), the tool, its arguments with their evidence, and the key under
which the effect is done once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from langchain_core.tools import BaseTool

from ...agents.messages import phrases
from ...screening import Vault
from ...tools.arguments import NAMED, Filled, fill, shapes_of
from ...tools.call import ToolResult, allow, call_tool
from ...tools.policy import grant_needed, policy_of
from ...tools.schema import KEY
from .desk import Desk
from .message_parts import Done, Part, line, told
from .own_records import own_records, points_to_one, the_one_meant
from .wording import ask_for, intent_of, purpose_of, spoken, title_of, unknown_record

FREE_TEXT = ("reason", "note", "comment")
"""Arguments that are whatever the customer says when asked."""
CALLED = "called last"
"""Where the facts of a thread hold the tool of the last call; no argument has such a name."""
MOST_ASKED = 2
"""How often a missing argument is asked for before a colleague is offered."""


def read_arguments(desk: Desk, tool: BaseTool, message: str, facts: Mapping[str, Any]) -> Filled:
    """Take a tool's arguments from the message and the thread; none is invented.

    An example of an order number need stand in the description of one tool only.
    """
    return fill(tool, message, facts, examples=examples(desk))


def examples(desk: Desk) -> dict[str, list[str]]:
    """What an identifier of each name looks like, by the examples in the descriptions of all tools."""
    return {name: shapes for tool in desk.tools.values() for name, shapes in shapes_of(tool).items()}


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
    own = None
    if policy.owner and (points_to_one(text) or (filled.missing and not policy.effect)):
        own = await own_records(desk, customer, vault, key)
        records = own.output if own is not None else []
        for name in (*filled.arguments, *filled.missing):
            value = the_one_meant(text, name, records) if evidence.get(name) != "message" else None
            if value is not None:
                arguments |= hidden({name: value}, part["text"], vault)
                evidence[name] = "look-up"
    if policy.effect and customer:
        found = await look_up(desk, tool, arguments, customer, vault, key)
        if found is not None and found.status == "refused":
            again = {"kind": "again", "tool": tool.name, "arguments": arguments, "evidence": evidence}
            tried = [f"{found.tool}: {found.reason}"]
            return told("refused", unknown_record(found.text), tried=tried, pending=again)
        if found is not None and found.status == "done":
            # a record names the things that the customer may mean; what it holds is no wish of theirs
            meant = fill(tool, text, {**facts, **arguments}, found.output, examples(desk))
            said = {name for name, each in filled.evidence.items() if each.where == "message"}
            for name, each in meant.evidence.items():
                only = each.where == "look-up" and name in NAMED and name not in arguments
                if (each.where == "message" and name not in said) or only:
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
        waits = {**pending, "kind": "missing", "missing": missing, "asked": asked}
        if own is not None and not policy.effect:
            listed = outcome_of(desk, desk.tools[own.tool], {"arguments": {}}, own)
            return {**listed, "lines": [*listed["lines"], line(phrases.WHICH_ONE)], "pending": waits}
        return told("asked_back", ask_for(tool, missing, title), pending=waits)
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


def kept_facts(tool: BaseTool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What later turns may mean by "it": this call and its short arguments."""
    short = {
        name: value
        for name, value in arguments.items()
        if name != policy_of(tool).owner and isinstance(value, str | int) and len(str(value)) <= 60
    }
    return {**short, CALLED: tool.name}
