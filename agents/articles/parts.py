"""What one topic gives to a section: its lines and tables as their document has them, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...retrieval.extract import Cited, leans
from ...retrieval.terms import content_stems, plain
from ..reviewer import said_before
from .blocks import Block, Form
from .layout import Grid
from .topics import Topic, clean

_MOST_LINES = 18
"""Sentences and items of one topic."""
_ROOM, _ROOMY = 1.15, 1.6
"""Of a section's share of the words, what one topic may take: running text, and what has a heading."""
_LEANS = re.compile(
    r"\b(?:not yet|the same|another|the other|the others|the latter|instead|as well|either)\b", re.IGNORECASE
)
"""Words that need the sentence before, wherever they stand."""
_ENDINGS = " .!?"
_ANSWER = 3
"""Words up to which a text is an answer, such as "Yes, please.", that may be given twice."""
_NUMBER = re.compile(r"\W*\d{1,2}[.)]\W*")
"""Of a heading that is in the text."""
_FIGURE = re.compile(r"\d[\d.,:]*\d|\d")
_LIMITS = re.compile(r"\b(?:not|never|no|cannot|only|unless|except|without|until|if|when)\b", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:and|or)\b")
_FORBIDS = re.compile(
    r"(?:do not|don['’]t|never) (?:\w+ ){1,3}(?:if|unless|when|while|until|before)\b|before you\b",
    re.IGNORECASE,
)
_TOLD = 0.75
"""Of the words of a sentence, what a table must have of them to have told it."""

Role = Literal["own", "must", "spare"]
"""Why a part stands in its section: the plan chose it, the brief asks for it, or its writer may choose it."""


class TablePlan(BaseModel):
    """A table that a section shows."""

    model_config = ConfigDict(frozen=True)

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    citations: tuple[str, ...]


class PlannedLine(BaseModel):
    """A sentence, or a whole item of a list."""

    model_config = ConfigDict(frozen=True)

    cited: Cited
    form: Form = "prose"
    block: int = 0
    """Number of its block in the part: what announces a list stands in the list's."""


class Part(BaseModel):
    """What one topic gives to a section. It stands as its document has it: rules keep their exceptions."""

    model_config = ConfigDict(frozen=True)

    title: str
    """The topic's heading; "" where the document has none there."""
    source: str
    lines: tuple[PlannedLine, ...] = ()
    tables: tuple[TablePlan, ...] = ()
    """Before its lines."""
    closing: TablePlan | None = None
    """After them."""
    role: Role = "spare"
    rank: int = 0
    """Of a spare part: the lower, the more it belongs here."""
    point: str = ""
    """The point of the brief that it answers."""

    @property
    def words(self) -> int:
        """Of its lines."""
        return sum(len(line.cited.text.split()) for line in self.lines)


def fitted(topic: Topic, share: float, steps: float) -> Topic:
    """The first blocks of a topic, as many as there is room for; one at least.

    Rules keep their exceptions: what stands under a heading of its document may take more than its share.
    Running text that was cut by subject may be cut again, after any sentence.

    Args:
        topic: Whole.
        share: Words of a section.
        steps: Words that a list of numbered steps may have, which nobody can follow in part.
    """
    lines, words, kept = 0, 0, list[Block]()
    most = (_ROOMY if topic.named else _ROOM) * share
    for block in topic.blocks:
        if block.apart and (lines + len(block.lines) > _MOST_LINES or words + block.words > most):
            block = _first_items(block, most - words, _MOST_LINES - lines)
        lines, words = lines + len(block.lines), words + block.words
        room = max(most, steps) if topic.named and any(form == "step" for _, form in block.lines) else most
        if kept and (lines > _MOST_LINES or words > room):
            break
        kept.append(block)
    if not topic.named and words > most and len(kept) == 1:
        kept = [_cut(kept[0], most)]
    return replace(topic, blocks=tuple(kept))


def _first_items(block: Block, words: float, lines: int) -> Block:
    """The first items of a list, as many as there is room for; one at least."""
    kept = list(block.lines[: max(1, lines)])
    while len(kept) > 1 and sum(len(cited.text.split()) for cited, _ in kept) > words:
        del kept[-1]
    return Block(tuple(kept), whole=False)


def _cut(block: Block, most: float) -> Block:
    """The first sentences of a paragraph; a list stays whole."""
    lines = list(block.lines)
    while len(lines) > 2 and lines[-1][1] == "prose" and sum(len(c.text.split()) for c, _ in lines) > most:
        del lines[-1]
    return Block(tuple(lines), whole=False)


def part_of(topic: Topic, role: Role, rank: int = 0) -> Part:
    """A topic as a part; prose says only what its table does not."""
    tables = tuple(
        TablePlan(caption=topic.title, header=found.header, rows=found.rows, citations=ids)
        for found, ids in topic.grids
    )
    lines = tuple(
        PlannedLine(cited=cited, form=form, block=number)
        for number, block in enumerate(topic.blocks)
        for cited, form in _untold(block.lines, tables)
    )
    lines = lines[_headed(lines, topic.title) :]
    # a record has a name, and no heading
    heading = topic.passages[0].heading
    title = topic.title if (heading or topic.loose) and topic.named and not topic.opens else ""
    return Part(
        title=title,
        source=topic.source,
        lines=lines,
        tables=tables if topic.beside is None else tables[:-1],
        closing=None if topic.beside is None else tables[-1],
        role=role,
        rank=rank,
        point=topic.point,
    )


def _headed(lines: Sequence[PlannedLine], title: str) -> int:
    """How many lines at the beginning say the heading again, such as "4." and "Prices."."""
    if len(lines) > 1 and _NUMBER.fullmatch(plain(lines[0].cited.text)):
        return 1 + _headed(lines[1:], title)
    for count in (1, 2):
        said = clean(plain(" ".join(line.cited.text for line in lines[:count]))).rstrip(_ENDINGS).lower()
        if count < len(lines) and said == title.rstrip(_ENDINGS).lower():
            return count
    return 0


def conditions_first(part: Part) -> Part:
    """A part whose steps come after what forbids to begin them, as "Do not enter if it is red" does."""
    blocks = [list(block) for _, block in groupby(part.lines, key=lambda line: line.block)]
    for number in range(1, len(blocks)):
        steps, after = blocks[number - 1], blocks[number]
        if steps[-1].form == "step" and after[0].form == "prose" and _FORBIDS.match(after[0].cited.text):
            blocks[number - 1], blocks[number] = after, steps
    return part.model_copy(update={"lines": tuple(line for block in blocks for line in block)})


def side_by_side(found: Grid, ids: tuple[str, ...]) -> TablePlan:
    """The table of the records that a brief speaks of."""
    return TablePlan(caption="At a glance", header=found.header, rows=found.rows, citations=ids)


def adds(table: TablePlan, text: str) -> bool:
    """Whether most of a table's figures are not in a text already."""
    cells = [cell for row in table.rows for cell in row[1:]]
    figures = [found.removesuffix(".00") for cell in cells for found in _FIGURE.findall(cell)]
    said = {found.rstrip(".,:") for found in _FIGURE.findall(text)}
    return not figures or 2 * sum(figure in said for figure in figures) < len(figures)


def _untold(lines: Sequence[tuple[Cited, Form]], tables: Sequence[TablePlan]) -> list[tuple[Cited, Form]]:
    """Lines that say more than one row of a table does; what leans on one that goes, goes with it."""
    kept: list[tuple[Cited, Form]] = []
    told = False
    for cited, form in lines:
        told = form == "prose" and (_told(cited.text, tables) or (told and _depends(cited.text)))
        kept += [] if told else [(cited, form)]
    return kept


def _told(sentence: str, tables: Sequence[TablePlan]) -> bool:
    figures, said = set(_FIGURE.findall(sentence)), set(content_stems(sentence))
    for table in tables:
        frame = content_stems(" ".join((table.caption, *table.header)))
        for row in table.rows:
            text = " ".join(row)
            held = said & {*frame, *content_stems(text)}
            if figures and figures <= set(_FIGURE.findall(text)) and len(held) >= _TOLD * len(said):
                return True
    return False


def distinct(sections: Sequence[Sequence[Part]]) -> list[list[Part]]:
    """Keep each sentence in one place, the first that says it; a list goes whole or stays whole.

    A spare part that has to lose a sentence is none: what leans on it would stay.
    """
    seen: list[str] = []
    made: dict[tuple[int, int], Part] = {}
    places = [(n, at) for n, section in enumerate(sections) for at in range(len(section))]
    for n, at in sorted(places, key=lambda place: sections[place[0]][place[1]].role == "spare"):
        part = sections[n][at]
        lines = [
            line
            for _, block in groupby(part.lines, key=lambda line: line.block)
            for line in _unsaid(list(block), seen)
        ]
        seen += [line.cited.text for line in part.lines]
        if (lines or part.tables or part.closing) and (part.role != "spare" or len(lines) == len(part.lines)):
            made[n, at] = part.model_copy(update={"lines": tuple(lines)})
    return [
        [made[place] for place in places if place[0] == n and place in made] for n in range(len(sections))
    ]


def _unsaid(block: Sequence[PlannedLine], seen: Sequence[str]) -> list[PlannedLine]:
    """The lines of a block that were not said before, without those that lean on one that was."""
    # an exception is said again with each rule that it belongs to
    said = [
        (said_before(line.cited.text, seen) and len(line.cited.text.split()) > _ANSWER)
        or (same_rule(line.cited.text, seen) and not _LIMITS.search(line.cited.text))
        for line in block
    ]
    if all(line.form == "item" and line.cited.text.endswith((".", "!")) for line in block):
        # each is a sentence of its own
        return [line for line, again in zip(block, said, strict=True) if not again]
    if any(line.form != "prose" for line in block):
        return [] if all(said) else list(block)
    kept: list[PlannedLine] = []
    going = True
    for line, again in zip(block, said, strict=True):
        going = not again and (going or not _depends(line.cited.text))
        kept += [line] if going else []
    return kept


def same_rule(sentence: str, others: Sequence[str]) -> bool:
    """Whether another sentence says the same of one thing more: "returned or exchanged" for "exchanged".

    A longer sentence with another condition says less, and not the same.
    """
    figures, limits, words = _rule(sentence)
    if not figures and not limits:
        return False
    for other in others:
        theirs = _rule(other)
        more = theirs[2] - words
        if (figures, limits) == theirs[:2] and words <= theirs[2] and len(more) <= 1 and _BOTH.search(other):
            return True
    return False


def _rule(sentence: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    limits = frozenset(word.lower() for word in _LIMITS.findall(sentence))
    return frozenset(_FIGURE.findall(sentence)), limits, frozenset(content_stems(sentence))


def _depends(sentence: str) -> bool:
    """Whether a sentence means something else, or nothing, without the one before."""
    return leans(sentence) or bool(_LEANS.search(sentence))
