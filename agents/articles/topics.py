"""What the documents hold on a brief: the passages under each heading, and what can be made of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from ...retrieval.extract import Cited
from ...retrieval.passage import Passage
from ...retrieval.sentences import sentences
from .blocks import Block, Form, blocks_of
from .layout import Grid, continues, grid, name_of, record
from .likeness import alike
from .readers import for_insiders
from .segments import segments
from .self_reference import about_itself, of_a_meeting, of_a_series

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_CELL = re.compile(r"(?:^|; )[^:;\n]{1,40}: ([A-Z][^;\n]{25,300}[.!])(?=;|$)")
_NUMBERED = re.compile(
    r"^\s*(?:\d+[.)]\s*"
    r"|(?:Box|Part|Section|Field|Question|Item|Rule|Chapter|Clause|Annex|Appendix)"
    r" (?:\d{1,2}(?:\.\d+)*|[A-H])(?:[:.]\s+|\s+[–—-]\s+)(?=\S)"
    r"|[1-9]\d? (?=[A-Z][a-z])(?!(?:Hour|Day|Night|Week|Month|Year|Step|Way|Thing|Tip|Reason)))"
)
_LONGEST_HEADING = 120
"""Characters of one that is mended."""
_SHOUTED = re.compile(r"[A-Z]{4,} +(?:\S+ +)*[A-Z]{4,}")
_LONG, _AROUND = 320, 4
"""Words under one heading beyond which text is cut by its subject, and blocks around what was found."""
_LONG_INTRODUCTION = 90
"""Words above which what stands above a document's sections is no introduction."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The passages under one heading of one document."""

    title: str
    """The heading; "" where the document has none there."""
    source: str
    passages: tuple[Passage, ...]
    """In the order of the document."""
    opens: bool
    """Whether it is the introduction of its document, above the document's own sections."""
    blocks: tuple[Block, ...]
    """What it says, in the order of the document; tables apart."""
    relevance: float = 0.0
    """To the brief, from 0 to 1."""
    named: bool = True
    """Whether the title is the document's own."""
    others: tuple[str, ...] = ()
    """Other titles that would do, where it is not."""
    loose: bool = False
    """Whether it is one item of a list, or one paragraph of a text without headings: it answers what is asked
    for, and fills nothing up."""
    inside: bool = False
    """Whether its document or itself says that it is for the people of the house alone."""
    beside: tuple[Grid, tuple[str, ...]] | None = field(default=None, compare=False)
    """Records that tell more of it, side by side, and the ids of their passages."""
    point: str = field(default="", compare=False)
    """The point of the brief that it answers."""

    @property
    def key(self) -> str:
        """Names it among the topics of one brief: its first passage, and where in it it begins."""
        return f"{self.passages[0].id}:{self.lines[0][0].start if self.lines else 0}{'+' * self.loose}"

    @property
    def lines(self) -> list[tuple[Cited, Form]]:
        """All that it says, in the order of the document."""
        return [line for block in self.blocks for line in block.lines]

    @property
    def text(self) -> str:
        """What it says as one line; the passages where that is nothing but tables."""
        return " ".join(cited.text for cited, _ in self.lines) or " ".join(p.text for p in self.passages)

    @property
    def whole(self) -> bool:
        """Whether nothing had to be left out of it."""
        return all(block.whole for block in self.blocks)

    @property
    def tabular(self) -> bool:
        """Whether it is a row of a table."""
        return not self.passages[0].heading and bool(record(self.passages[0].text))

    @property
    def stepwise(self) -> bool:
        """Whether it has a numbered list."""
        return any(form == "step" for _, form in self.lines)

    @property
    def grids(self) -> list[tuple[Grid, tuple[str, ...]]]:
        """Its small tables, each whole and with the ids of its passages; what stands beside it last."""
        tables: list[tuple[str, tuple[str, ...]]] = []
        for passage in self.passages:
            if tables and continues(tables[-1][0], passage.text):
                text, ids = tables.pop()
                tables.append((f"{text}\n{passage.text}", (*ids, passage.id)))
            else:
                tables.append((passage.text, (passage.id,)))
        read = [(found, ids) for text, ids in tables if (found := grid(text)) is not None]
        return [*read, *([self.beside] if self.beside is not None else [])]

    @property
    def rows(self) -> list[str]:
        """The rows of its small tables, each said with the names of its columns; of a record the record."""
        if self.tabular:
            return [self.passages[0].text]
        return [said for found, _ in self.grids for said in found.told()]

    @property
    def start(self) -> int:
        """Where it begins in its document."""
        return self.passages[0].start + (self.lines[0][0].start if self.lines else 0)

    @property
    def words(self) -> int:
        """Of what it says; tables apart."""
        return sum(block.words for block in self.blocks)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings that it stands under, the document's own first."""
        above = tuple(clean(heading) for heading in self.passages[0].heading)
        return (*above, self.title) if self.loose else above

    @property
    def document(self) -> str:
        """The title of its document; "" where there is none."""
        return self.headings[0] if len(self.headings) > 1 else ""

    @property
    def minuted(self) -> bool:
        """Whether its document is the minutes of a meeting."""
        return of_a_meeting(self.document, self.source.rpartition("/")[2])

    @property
    def periodical(self) -> bool:
        """Whether its document is one of a series: minutes, a newsletter, a letter."""
        return of_a_series(self.document, self.source.rpartition("/")[2])

    @property
    def first_sentence(self) -> str:
        """What it says first; "" where it holds nothing but tables."""
        return self.lines[0][0].text if self.lines else ""

    @property
    def weight(self) -> int:
        """How many sentences and rows it could give."""
        return len(self.lines) + sum(len(rows.rows) for rows, _ in self.grids)


def topics_of(
    passages: Iterable[Passage],
    text_of: Callable[[str], str],
    found: Collection[str],
    embeddings: Embeddings | None = None,
) -> list[Topic]:
    """Group the passages of whole documents by heading, in their order, and long text by its subject.

    A row of a table is a topic of its own. Items that can be told without the others, and paragraphs without
    a heading, come once more by themselves, loose.

    Args:
        passages: Of documents, in order.
        text_of: Gives the stored text of a document.
        found: Ids of passages that a search found: a topic without one of them is left out.
        embeddings: Tell where the subject of a text without headings changes; words where None.
    """
    made: list[Topic] = []
    for source, run in groupby(passages, key=lambda passage: passage.source):
        of_document, text = list(run), text_of(source)
        first = of_document[0]
        inside = for_insiders(" ".join(first.heading[:1]), first.text if len(first.heading) < 2 else "")
        begun = len(made)
        deep = any(len(passage.heading) > 1 for passage in of_document)
        for heading, group in groupby(of_document, key=_place):
            own = tuple(group)
            if not any(passage.id in found for passage in own):
                continue
            blocks = list(_blocks(text, own))
            name = heading[-1] if isinstance(heading, tuple) and heading else _named(own[0].text)
            long = sum(block.words for block in blocks if not (name and block.apart)) > _LONG
            made += _loose("" if long else clean(name), source, own, blocks)
            if long:
                made += _by_subject(source, own, blocks, found, embeddings)
                continue
            topic = Topic(clean(name), source, own, False, tuple(blocks), named=bool(name))
            opens = isinstance(heading, tuple) and len(heading) == 1 and deep
            made.append(replace(topic, opens=opens and _introduces(topic)))
        made[begun:] = [replace(t, inside=inside or for_insiders(t.title, t.text)) for t in made[begun:]]
    return made


def _loose(title: str, source: str, passages: Sequence[Passage], blocks: Sequence[Block]) -> Iterator[Topic]:
    """The items and paragraphs that can be told by themselves; none where there is but one."""
    if sum(bool(block.lines) for block in blocks) + sum(block.apart for block in blocks) < 2:
        return
    by_id = {passage.id: passage for passage in passages}
    for block in blocks:
        alone = [Block((line,)) for line in block.lines] if block.apart else [] if title else [block]
        for each in alone:
            ids = dict.fromkeys(cited.passage_id for cited, _ in each.lines)
            if ids:
                yield Topic(title, source, tuple(by_id[n] for n in ids), False, (each,), loose=True)


def _introduces(topic: Topic) -> bool:
    """Whether what stands above a document's sections only opens it, as no table and no steps do."""
    return topic.words <= _LONG_INTRODUCTION and not topic.grids and not topic.stepwise


def _place(passage: Passage) -> tuple[str, ...] | str:
    """What passages of one group share: their heading; a row is alone."""
    return passage.id if not passage.heading and record(passage.text) else passage.heading


def _by_subject(
    source: str,
    passages: Sequence[Passage],
    blocks: Sequence[Block],
    found: Collection[str],
    embeddings: Embeddings | None,
) -> Iterator[Topic]:
    """Cut long text where its subject changes; far from what was found, it is not looked at."""
    blocks = [block for block in blocks if block.lines]
    hits = [n for n, b in enumerate(blocks) if any(cited.passage_id in found for cited, _ in b.lines)]
    near = sorted(
        {n for hit in hits for n in range(hit - _AROUND, hit + _AROUND + 1) if 0 <= n < len(blocks)}
    )
    by_id = {passage.id: passage for passage in passages}
    for _, stretch in groupby(enumerate(near), key=lambda pair: pair[1] - pair[0]):
        here = [blocks[n] for _, n in stretch]
        likeness = alike([" ".join(cited.text for cited, _ in block.lines) for block in here], embeddings)
        for run in segments([block.words for block in here], likeness):
            mine = tuple(here[n] for n in run)
            ids = dict.fromkeys(cited.passage_id for block in mine for cited, _ in block.lines)
            if any(name in found for name in ids):
                yield Topic("", source, tuple(by_id[n] for n in ids), False, mine, named=False)


def _blocks(text: str, passages: Sequence[Passage]) -> Iterator[Block]:
    """The blocks of passages, rows of a table among them; a table that can stand as one is none."""
    title, file = " ".join(passages[0].heading[:1]), passages[0].source.rpartition("/")[2]
    for rows, run in groupby(passages, key=lambda passage: bool(record(passage.text))):
        if not rows:
            yield from blocks_of(text, list(run), lambda sentence: about_itself(sentence, title, file))
        else:
            yield from (Block(tuple(cells)) for passage in run if (cells := _cells(passage)))


def clean(heading: str) -> str:
    """A heading without marks, links and numbering, and not in capitals alone."""
    heading = re.sub(r"[*_`#\[\]]|\(https?:[^)]*\)", "", heading)
    heading = _NUMBERED.sub("", heading).strip(" :–-")
    shouted = len(heading) <= _LONGEST_HEADING and heading.isupper() and _SHOUTED.search(heading)
    return heading.capitalize() if shouted else heading


def _named(text: str) -> str:
    cells = record(text)
    return cells[name_of(cells)] if name_of(cells) else ""


def _cells(passage: Passage) -> list[tuple[Cited, Form]]:
    """The cells of a row that are sentences."""
    found: list[tuple[Cited, Form]] = []
    for match in _CELL.finditer(passage.text):
        start = match.start(1)
        for sentence in sentences(match.group(1)):
            cited = Cited(sentence.line, passage.id, start + sentence.start, start + sentence.end)
            found.append((cited, "prose"))
    return found
