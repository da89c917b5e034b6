"""Every sentence of the example's documents, changed by rule: a changed figure or denial never passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.retrieval import verify
from limner.retrieval.sentences import sentences
from limner.retrieval.verification.numbers import numbers

pytestmark = pytest.mark.usefixtures("by_words")

KNOWLEDGE = Path(__file__).parents[2] / "examples" / "outfitter" / "knowledge"
DOCUMENTS = [path.read_text("utf-8") for path in sorted(KNOWLEDGE.glob("*.md"))]
MONTHS = "January February March April June July August September October November December".split()
UNITS = {"days": "weeks", "weeks": "months", "hours": "days", "minutes": "hours", "grams": "kilograms"}
ANY_UNIT = re.compile(rf"(?<=\d )({'|'.join(UNITS)})\b")
VERB = re.compile(r"\b(is|are|was|were|can|will|must|may|should|does|do|has)\b(?! not\b| never\b|n.t)")


def lines() -> Iterator[tuple[str, str]]:
    """Yield the sentences of prose with their documents."""
    for text in DOCUMENTS:
        for sentence in sentences(text):
            if "|" not in sentence.line and 6 <= len(sentence.line.split()) <= 30:
                yield sentence.line, text


def changed(line: str) -> Iterator[tuple[str, str]]:
    """Yield the kind of a change and the changed sentence."""
    for number in numbers(line):
        digits = re.search(r"\d+", line[number.start : number.end])
        if digits and number.kind == "number":
            at = number.start + digits.start()
            yield "number", f"{line[:at]}{int(digits.group()) + 3}{line[at + len(digits.group()) :]}"
    for match in ANY_UNIT.finditer(line):
        yield "unit", f"{line[: match.start()]}{UNITS[match.group()]}{line[match.end() :]}"
    for index, month in enumerate(MONTHS):
        if re.search(rf"\b{month}\b", line):
            yield "date", line.replace(month, MONTHS[index - 3])
    verb = VERB.search(line)
    if verb and not re.search(r"\b(?:not|no|never|nor|without|only|unless|\w+n.t)\b", line):
        yield "negation", f"{line[: verb.end()]} not{line[verb.end() :]}"
        yield "negation", f"{line[: verb.end()]} never{line[verb.end() :]}"
    denied = re.search(r"\b(is|are|can|will|must|may|do|does) (?:not|never)\b(?! only)", line)
    if denied:
        yield "negation", line.replace(denied.group(), denied.group(1), 1)


@pytest.mark.slow
def test_no_changed_figure_and_no_changed_denial_passes() -> None:
    passed, seen = [], set()
    for line, text in lines():
        for kind, false in changed(line):
            if false not in text:
                seen.add(kind)
                passed += [(kind, false)] if verify(false, [text]).supported else []
    assert seen == {"number", "unit", "date", "negation"}
    assert passed == []


def test_copies_are_supported_alone_and_joined() -> None:
    for text in DOCUMENTS:
        for line in (sentence.line for sentence in sentences(text)):
            form = line.rstrip().endswith("?") or not re.search(r"\w", line)
            assert form or verify(line, [text]).supported, line


def test_a_fragment_of_a_sentence_that_drops_its_denial_does_not_pass() -> None:
    source = "Parcels are delivered to islands, but batteries are not delivered there."
    assert not verify("Parcels and batteries are delivered to islands.", [source]).supported
