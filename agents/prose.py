"""From chosen sentences to running text: their order, paragraphs and lists, and fewer repeated names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..retrieval.extract import Cited
from ..retrieval.terms import STOP_WORDS
from .outline import SectionPlan

_LONGEST = 4
"""Sentences of a paragraph."""
_PLURAL = frozenset("are have were do".split())
_SINGULAR = frozenset(
    "is has was does costs weighs comes takes lets gives covers keeps uses runs starts begins opens closes"
    " ends lasts needs includes holds fits packs makes offers shows stands works dries sits reaches consists"
    " carries applies pays gets goes stays means allows requires contains measures".split()
)
_EITHER = frozenset("can cannot may must will should never always also".split())
_PERSON = re.compile(r"(?:er|or|ist|ant|ian|man|woman|person|people|staff|child|guest|parent|nurse)s?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence in its place."""

    cited: Cited
    text: str
    """As it is printed: the sentence word for word, or with "it" or "they" for a name said just before."""
    form: Literal["prose", "step", "item"]
    paragraph: int
    """From 0."""
    label: str = ""
    """Of a list that is not the section's own: what it is a list of; on its first line."""


def arrange(plan: SectionPlan, chosen: Sequence[Cited]) -> list[Line]:
    """Set chosen sentences in the order of their documents, a topic a paragraph, lists whole after it."""
    wanted = {(cited.passage_id, cited.start) for cited in chosen}
    lines: list[Line] = []
    paragraph = 0
    for part in plan.parts:
        prose = [cited for cited in part.prose if (cited.passage_id, cited.start) in wanted]
        # a single sentence is no paragraph where it can go on with the one before
        joins = len(prose) == 1 and bool(lines) and lines[-1].form == "prose" and _room(lines)
        for group in _even(prose):
            number = lines[-1].paragraph if joins else paragraph
            lines += [Line(cited, cited.text, "prose", number) for cited in group]
            paragraph = number + 1
        for form, listed in (("step", part.steps), ("item", part.items)):
            label = part.title if part.title != plan.title else ""
            for cited in listed:
                lines.append(Line(cited, cited.text, form, paragraph, label))  # type: ignore[arg-type]
                label = ""
            paragraph += bool(listed)
    return lines


def _room(lines: Sequence[Line]) -> bool:
    """Whether the last paragraph may have one sentence more."""
    return sum(line.paragraph == lines[-1].paragraph for line in lines) <= _LONGEST


def _even(prose: Sequence[Cited]) -> list[Sequence[Cited]]:
    """Cut into paragraphs of about equal length, none longer than `_LONGEST`."""
    count = -(-len(prose) // _LONGEST)
    size, more = divmod(len(prose), count) if count else (0, 0)
    groups, start = [], 0
    for number in range(count):
        end = start + size + (number < more)
        groups.append(prose[start:end])
        start = end
    return groups


def referred(lines: Sequence[Line]) -> list[Line]:
    """Put "it" or "they" for a name that the sentence before opens with too; never twice in a row.

    Only where the reference cannot be mistaken: both sentences open with the same name of two words or
    more, a verb follows it in both, and it names no person.
    """
    made: list[Line] = []
    for line in lines:
        before = made[-1] if made else None
        if before is not None and before.form == line.form == "prose" and before.paragraph == line.paragraph:
            pronoun = _pronoun(before.text, line.text)
            if pronoun:
                line = replace(line, text=pronoun)
        made.append(line)
    return made


def _pronoun(before: str, text: str) -> str:
    """The sentence with a pronoun for its name; "" where none fits."""
    one, two = before.split(), text.split()
    same = 0
    while same < min(len(one), len(two)) and one[same] == two[same]:
        same += 1
    for size in range(same, 1, -1):
        if size >= len(one) or size >= len(two) or not (_verb(one[size]) and _verb(two[size])):
            continue
        name, verb = two[:size], two[size]
        head = name[-1]
        if _PERSON.search(head.lower()) or re.search(r"[,;:.]", " ".join(name)):
            return ""
        many = verb in _PLURAL or (verb in _EITHER and head.endswith("s") and not head.endswith("ss"))
        if many or name[0] == "The":
            return " ".join(["They" if many else "It", *two[size:]])
        return ""
    return ""


def _verb(word: str) -> bool:
    return word in _PLURAL or word in _SINGULAR or word in _EITHER


def lead_line(kind: str, titles: Sequence[str], text: str) -> str:
    """Say what the reader finds, and claim nothing; "" for a kind whose titles are questions.

    Args:
        kind: Of the brief.
        titles: Of the sections.
        text: Of the article; a first word that stands in it in small letters is written so here too.
    """
    if kind == "faq" or not titles:
        return ""
    name = {"how-to": "In this guide", "news": "In this issue"}.get(kind, "In this article")
    common = set(re.findall(r"\b[a-z]+\b", text)) | STOP_WORDS
    parts = [title[:1].lower() + title[1:] if _first(title) in common else title for title in titles]
    return f"{name}: {'; '.join(part.rstrip('.') for part in parts)}."


def _first(title: str) -> str:
    return title.split()[0].lower()
