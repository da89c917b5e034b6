"""From results of tools to an answer: every line is of one result, and every number in it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..agents.lookups import CALCULATOR, SEARCH, Result, bearing
from ..agents.messages.dialogue import split
from ..agents.messages.phrases import lower_first, named, upper_first
from ..agents.sums import makes, wanted
from ..retrieval.terms import content_stems
from .articles.article import Citation
from .conversation.wording import plainly

AnswerStatus = Literal["answered", "partial", "unanswered"]
MOST_LINES = 4
"""Facts that answer one part of a question."""
MOST_FIELDS = 6
"""Fields of one record that are told."""
MOST_ROWS = 8
"""Records of one list that are told."""
LONGEST_TEXT = 400
"""Characters of a tool's text that are told."""
_WHEN = re.compile(r"\bwhen\b", re.IGNORECASE)
_HOW_MUCH = re.compile(r"\bhow (?:much|many)\b", re.IGNORECASE)
_SPANS = "minutes?|hours?|days?|weeks?|months?|years?"
_DAYS = (
    "mon|tues|wednes|thurs|fri|satur|sun"
    "|january|february|march|april|may|june|july|august|sept|octo|novem|decem"
)
_LABELS = {"total": "Total", "average": "Average", "difference": "Difference", "share": "Share"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of an answer."""

    text: str
    calls: tuple[str, ...]
    """Names of the calls that it comes from."""
    passage: str | None = None
    """The passage that it stands in, word for word; None where a tool's result is told."""
    sure: bool = True
    """False: the passage is the closest there is, and may not answer."""


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call, and what came of it."""

    name: str
    tool: str
    arguments: dict[str, Any]
    """As planned: a reference stands as ``$name.field``."""
    evidence: dict[str, dict[str, str]]
    """What each argument rests on."""
    status: str
    reason: str
    """Why it is not simply done."""
    output: Any


@dataclass(frozen=True, slots=True)
class Answered:
    """The output of the research graph."""

    text: str
    status: AnswerStatus
    facts: tuple[Fact, ...]
    calls: tuple[CallMade, ...]
    missing: tuple[str, ...]
    """Parts of the question without an answer, and why."""
    citations: tuple[Citation, ...]
    rounds: int
    """How often calls were planned."""
    stopped: str
    """Why planning ended: ``answered``, ``no progress``, ``rounds``, ``calls``, ``deadline``; ``cut short``
    where the run has not come to its end."""


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What there is for one part of a question."""

    part: str
    facts: tuple[Fact, ...]
    why: str
    """What is missing; "" where nothing is."""


def facts_of(question: str, results: Sequence[Result]) -> list[PartFacts]:
    """The facts for every part of the question, best first."""
    parts = split(question)
    bear = [bearing(part, parts[:number], results) for number, part in enumerate(parts)]
    claimed = {result["name"] for about in bear for result in about}
    found = []
    for part, about in zip(parts, bear, strict=True):
        if not about:
            # a query in SQL names nothing of the question; a search that does not bear on it answers nothing
            about = [each for each in results if each["tool"] not in (SEARCH, CALCULATOR)]
            about = [each for each in about if each["name"] not in claimed]
            claimed |= {each["name"] for each in about}
        sums = _sums(part, about, results)
        told = [*sums, *(result for result in about if result not in sums)]
        facts = tuple(fact for result in told for fact in _lines(result, part, results))
        found.append(PartFacts(part, facts, _lack(part, about, sums, facts)))
    return found


def _sums(part: str, about: Sequence[Result], results: Sequence[Result]) -> list[Result]:
    """The calculations of a part: over its own numbers, or over what was looked up for it."""
    want = wanted(part)
    own = [result for result in about if result["tool"] == CALCULATOR]
    if want is None or own:
        return own
    names = {each["name"] for each in about}
    made = [each for each in results if each["tool"] == CALCULATOR and names & set(each["refers"])]
    fitting = [each for each in made if makes(want, str(each["arguments"].get("expression", "")))]
    return fitting or made


def _lack(part: str, about: Sequence[Result], sums: Sequence[Result], facts: Sequence[Fact]) -> str:
    failed = [result for result in (*about, *sums) if result["status"] != "done"]
    if failed:
        why = "; ".join(dict.fromkeys(f"{result['tool']}: {result['text']}" for result in failed))
        if not facts or any(result["tool"] != SEARCH for result in failed):
            return why
    want = wanted(part)
    summed = any(result["status"] == "done" for result in sums)
    records = [result for result in about if result["status"] == "done"]
    # "the total of order 7" is a field of one record, and no sum
    if want is not None and facts and not summed and (want.kind != "total" or len(records) > 1):
        return f"the {_LABELS[want.kind].lower()} could not be worked out"
    if not facts:
        return "no tool and no document answers it"
    if not any(fact.sure for fact in facts):
        return "only the closest passage is shown"
    told = " ".join(fact.text for fact in facts)
    if _WHEN.search(part) and not re.search(rf"\d{{4}}|\d+ (?:{_SPANS})|\b(?:{_DAYS})", told, re.IGNORECASE):
        return "no date was found"
    return "no number was found" if _HOW_MUCH.search(part) and not re.search(r"\d", told) else ""


def _lines(result: Result, part: str, results: Sequence[Result]) -> Iterator[Fact]:
    if result["status"] != "done":
        return
    name = (str(result["name"]),)
    if result["tool"] == SEARCH:
        for row in result["lines"]:
            yield Fact(row["text"], name, row["passage"], row["sure"])
        return
    if result["tool"] == CALCULATOR:
        want = wanted(part)
        label = f"{_LABELS[want.kind]}: " if want is not None else ""
        yield Fact(f"{label}{result['given']['expression']} = {result['output']}.", name)
        return
    about, given = _asked_with(result), {plainly(value) for value in result["given"].values()}
    for text in _told(result["output"], part, given, bool(result["flagged"])):
        yield Fact(upper_first(f"{about}: {text}" if about else text), name)


def _asked_with(result: Result) -> str:
    values = [
        f"{named(key)} {plainly(value)}"
        for key, value in result["given"].items()
        if len(plainly(value)) <= 60
    ]
    return f"{named(str(result['tool']))}, {', '.join(values)}" if values else named(str(result["tool"]))


def _told(output: Any, part: str, given: set[str], flagged: bool) -> Iterator[str]:
    """An output as text, without what was asked with; of one that gives orders, numbers alone are told."""
    if isinstance(output, list):
        for item in output[:MOST_ROWS]:
            yield from _told(item, part, given, flagged)
        if not output:
            yield "nothing was found."
    elif isinstance(output, Mapping):
        fields = {
            str(key): value
            for key, value in output.items()
            if (not flagged or _is_number(value)) and plainly(value) not in given
        }
        asked = set(content_stems(part))
        fitting = [key for key in fields if set(content_stems(named(key))) & asked]
        flat = [key for key, value in fields.items() if not isinstance(value, list | Mapping)]
        chosen = fitting or flat
        rows = [
            f"{named(key)} {plainly(fields[key])}" for key in chosen[:MOST_FIELDS] if plainly(fields[key])
        ]
        if rows:
            yield f"{'; '.join(rows)}."
    elif plainly(output) and (not flagged or _is_number(output)):
        text = " ".join(plainly(output).split())[:LONGEST_TEXT]
        yield text if text.endswith((".", "!", "?")) else f"{text}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


# -- the answer


def compose(parts: Sequence[PartFacts], results: Sequence[Result]) -> dict[str, Any]:
    """The answer as plain data; a line with a number that no result holds is left out.

    Args:
        parts: What was found, as it shall be told; none where nothing was looked up yet.
        results: What came of every call.
    """
    facts = [
        fact
        for n, part in enumerate(parts)
        for fact in part.facts[:MOST_LINES]
        if grounded(fact, results) and not any(fact in other.facts[:MOST_LINES] for other in parts[:n])
    ]
    missing = [f"{part.part} ({lower_first(part.why).rstrip('.')})" for part in parts if part.why]
    if not parts:
        missing = ["nothing was looked up yet"]
    used = [result for result in results if any(result["name"] in fact.calls for fact in facts)]
    lines = [fact.text for fact in facts]
    if missing:
        lines.append("Not found: " + "; ".join(missing) + ".")
    if used:
        lines.append("From: " + "; ".join(dict.fromkeys(_source(result) for result in used)) + ".")
    status: AnswerStatus = "unanswered" if not facts else "partial" if missing else "answered"
    return {
        "text": "\n".join(lines),
        "status": status,
        "facts": [asdict(fact) for fact in facts],
        "missing": missing,
    }


def grounded(fact: Fact, results: Sequence[Result]) -> bool:
    """Whether every number of a fact stands in the results that it comes from."""
    known = set()
    for result in results:
        if result["name"] in fact.calls:
            known |= _numbers_in([result["output"], result["given"], result["lines"]])
    return _numbers_in(fact.text) <= known


def _numbers_in(data: Any) -> set[str]:
    """Every number of data or of a text, in one spelling."""
    if isinstance(data, Mapping):
        return {number for item in data.values() for number in _numbers_in(item)}
    if isinstance(data, list | tuple):
        return {number for item in data for number in _numbers_in(item)}
    if isinstance(data, bool) or data is None:
        return set()
    # a moment is told as a day: 2026-05-03T10:00 as May 03, 2026
    text = plainly(data) + f" {data}"
    found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)
    return {f"{float(number.replace(',', '')):.6f}".rstrip("0").rstrip(".") for number in found}


def _source(result: Result) -> str:
    given = ", ".join(f"{key}={value!r}" for key, value in result["arguments"].items())
    return f"{result['tool']}({given})"[:160]
