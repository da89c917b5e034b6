"""Whom a document is meant for: what says that it is for the people inside stands in no text for others."""

from __future__ import annotations

import re

_PEOPLE = (
    r"(?:staff|crew|team|volunteers?|tutors?|trainers?|trustees?|committee|stewards?|wardens?|employees"
    r"|colleagues|lifeguards?|collectors?|instructors?|repairers?|mechanics?|technicians?|helpers?|caretakers?"
    r"|management|office|rota)"
)
_INSIDE = re.compile(
    r"\bnot (?:(?:meant |intended )?for|to go on) (?:the |our )?(?:public|website|web|publication"
    r"|customers?|visitors?|guests?|sharing|circulation|distribution|outside"
    r"|handing out|giving out|passing on)\b"
    r"|\bdo not (?:publish|share|circulate|hand out|give (?:this )?to (?:customers|visitors|guests))\b"
    r"|\binternal(?: use)?(?: only)?\b(?=[ .:,)]|$)|\bconfidential\b"
    rf"|(?:^|[.:*(–—,-]\s*|\bfor (?:the )?){_PEOPLE}(?: (?:use|members|eyes|and {_PEOPLE}))? only\b"
    rf"|\bfor (?:people|those|everyone|anyone|whoever is) on (?:the )?{_PEOPLE}\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"(?:notes?|instructions?|sheet|guidance|briefing|handbook|checklist) \(?for (?:our |the )?{_PEOPLE}\b"
    rf"|(?:desk|counter|kitchen|{_PEOPLE})(?:['’]s?)? (?:notes|sheet|rota|handbook|briefing|instructions"
    r"|checklist|only)\b",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    rf"\W*(?:(?:this|these)(?: \w+)? (?:is|are) )?(?:written |meant )?for (?:(?:the|our|new|all) )?"
    rf"(?:\w+,? (?:and )?){{0,3}}?{_PEOPLE}\b(?=\s*(?:[^\w\s]|$)| (?:and|only|who|on|covering)\b)",
    re.IGNORECASE,
)
"""What a text begins with that is for the people of the house."""
_INSIDER = re.compile(rf"\b{_PEOPLE}\b", re.IGNORECASE)
_OPENING = 240
"""Characters in which a text says whom it is for."""


def for_insiders(title: str, text: str) -> bool:
    """Whether a document or a part of it says that it is for the people of the house alone.

    Args:
        title: Its heading; "" where there is none.
        text: What stands below it.
    """
    named = _NAMED.search(title) or _INSIDE.search(title)
    return bool(named or _INSIDE.search(text[:_OPENING]) or _ADDRESSED.match(text))


def are_insiders(audience: str) -> bool:
    """Whether the readers of a brief are people of the house."""
    return bool(_INSIDER.search(audience))
