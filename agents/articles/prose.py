"""From parts of documents to running text: paragraphs, lists and tables, and fewer repeated names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ...retrieval.extract import Cited
from .blocks import Form, announces, set_as
from .layout import EMPHASIS
from .parts import Part, PlannedLine, TablePlan

_SHORT, _LONGEST, _TOO_LONG = 2, 5, 6
"""Sentences of a paragraph that is joined to the one before, of what is made so, and of one that is cut."""
_PLURAL = frozenset("are have were do".split())
_SINGULAR = frozenset(
    "is has was does costs weighs comes takes lets gives covers keeps uses runs starts begins opens closes"
    " ends lasts needs includes holds fits packs makes offers shows stands works dries sits reaches consists"
    " carries applies pays gets goes stays means allows requires contains measures".split()
)
_EITHER = frozenset("can cannot may must will should never always also".split())
_PERSON = re.compile(r"(?:er|or|ist|ant|ian|man|woman|person|people|staff|child|guest|parent|nurse)s?$")
_CODE = re.compile(r"(`+[^`]+`+)")
_ADDRESS = re.compile(r"!?\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s(?:[^<>\"]|\"[^\"]*\")*)?/?>")
_MARKUP = (
    (re.compile(r"\[\^[^\]]{1,20}\]"), ""),
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),
    (EMPHASIS, r"\2"),
    (re.compile(r"(?<!\w)(_{1,2})(?=[^\s_])(.+?)(?<=[^\s_])\1(?!\w)"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|<>-])"), r"\1"),
)
"""Footnotes, bare addresses, emphasis, escapes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence in its place."""

    cited: Cited
    text: str
    """As it is printed: the sentence word for word, or with "it" or "they" for a name said just before."""
    form: Form
    paragraph: int
    """From 0."""
    label: str = ""
    """The heading of a part that is not the section's own; on its first line."""
    unit: int = -1
    """Number of the list that it belongs to, with what announces it: all stand, or none; -1: it is alone."""


def arrange(title: str, parts: Sequence[Part]) -> tuple[list[Line], list[tuple[int, TablePlan]]]:
    """Set parts one after another, each as its document has it and under its own heading.

    Returns:
        The lines, and the tables with the number of the paragraph that each stands before.
    """
    lines: list[Line] = []
    tables: list[tuple[int, TablePlan]] = []
    units: dict[tuple[int, int], int] = {}
    paragraph, named = 0, True
    several = sum(bool(part.title) for part in parts) > 1
    for number, part in enumerate(parts):
        lists = {line.block for line in part.lines if line.form != "prose"}
        told = (
            title.lower().startswith(part.title.lower())
            if number == 0
            else part.title.lower() == title.lower()
        )
        label = part.title if several and not told else ""
        tables += [(paragraph, table) for table in part.tables]
        if lines and not (part.title or part.tables or named) and lines[-1].form == "prose" and _room(lines):
            # records follow one another
            paragraph = lines[-1].paragraph
        for group in _paragraphs(part.lines):
            for line in group:
                unit = units.setdefault((number, line.block), len(units)) if line.block in lists else -1
                text = readable(line.cited.text) if line.form != "code" else line.cited.text
                lines.append(Line(line.cited, text, line.form, paragraph, label, unit))
                label = ""
            paragraph += 1
        named = bool(part.title)
        tables += [(paragraph, part.closing)] if part.closing is not None else []
    return lines, tables


_DECIDED = re.compile(
    r"(?:it was )?(?:(?:agreed|resolved|decided)(?: unanimously)?(?: that|:)|(?-i:AGREED|RESOLVED|DECIDED)"
    r"(?! (?:to|not|by|the minutes)\b)) (?=\S)",
    re.IGNORECASE,
)
"""What minutes say before a decision."""
_AND_THAT = re.compile(r", and that (?!(?:is|was|includes|means|applies|covers)\b)")


def readable(text: str) -> str:
    """A sentence without its Markdown, a decision without "agreed that"; what is code keeps its marks."""
    spans = _CODE.findall(text)
    text = _TAG.sub("", _ADDRESS.sub(r"\1", _CODE.sub("\0", text)))
    for pattern, kept in _MARKUP:
        text = pattern.sub(kept, text)
    for span in spans:
        text = text.replace("\0", span, 1)
    decided = _DECIDED.match(text)
    if decided is None:
        return text
    # "agreed that we open at ten, and that Mondays stay the same"
    rest = _AND_THAT.sub(", and ", text[decided.end() :], count=1)
    return rest[:1].upper() + rest[1:]


def _room(lines: Sequence[Line]) -> bool:
    """Whether the last paragraph may have one sentence more."""
    return sum(line.paragraph == lines[-1].paragraph for line in lines) < _LONGEST


def _paragraphs(lines: Sequence[PlannedLine]) -> list[list[PlannedLine]]:
    """Paragraphs as the document has them, but that very short ones are joined and very long ones cut."""
    made: list[list[PlannedLine]] = []
    for (_, form), run in groupby(lines, key=lambda line: (line.block, set_as(line.form))):
        group = list(run)
        if form != "prose":
            made.append(group)
            continue
        before = made[-1] if made and made[-1][0].form == "prose" else []
        short = len(group) <= _SHORT and before and len(before) + len(group) <= _LONGEST
        if short and not any(announces(pieces[-1].cited.text) for pieces in (before, group)):
            before += group
        else:
            made += _even(group) if len(group) > _TOO_LONG else [group]
    return made


def _even(prose: Sequence[PlannedLine]) -> list[list[PlannedLine]]:
    """Cut into paragraphs of about equal length, none longer than `_LONGEST`."""
    count = -(-len(prose) // _LONGEST)
    size, more = divmod(len(prose), count)
    groups, start = [], 0
    for number in range(count):
        end = start + size + (number < more)
        groups.append(list(prose[start:end]))
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


def lead_line(kind: str, titles: Sequence[str]) -> str:
    """Say what the reader finds, and claim nothing; "" for a kind whose titles are questions.

    Args:
        kind: Of the brief.
        titles: Of the sections.
    """
    if kind == "faq" or not titles:
        return ""
    name = {"how-to": "In this guide", "news": "In this issue"}.get(kind, "In this article")
    return f"{name}: {' · '.join(title.rstrip('.') for title in titles)}"
