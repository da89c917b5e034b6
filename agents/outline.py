"""The outline of an article: for each section its title and the material that it alone may use."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..retrieval.extract import Cited, leans
from .blocks import Block, Form
from .brief import Brief
from .layout import Grid, compared, record
from .likeness import alike
from .reviewer import said_before
from .topics import Topic

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_MOST_LINES = 18
"""Sentences and items of one topic."""
_ROOM, _ROOMY = 1.15, 1.6
"""Of a section's share of the words, what one topic may take: running text, and what has a heading."""
_LONG_INTRODUCTION = 90
"""Words above which what stands above a document's sections is no introduction."""
_LEAST_ROOM = 30
"""Words that must be wanting for a section to take one more part."""
_SPARE = 1.6
"""How much more material than words are wanted, so that there is a choice."""
_RELEVANT, _LOOSE = 0.6, 0.45
"""Relevance, as part of the best topic's, below which a topic is not used to fill a section up: at first,
and then where words are wanting still."""
_NEAR, _NEAR_WORDS, _LOOSELY = 0.5, 0.12, 0.58
"""Likeness to a section below which a topic does not fill it up, of embeddings and of words; and what part of
that is enough where words are wanting still."""
_HANDFUL = 6
"""Documents of which all may serve any article."""
_OPENING = 100
"""Words of a topic that are compared."""
_ASTRAY = 0.05
"""How much nearer to another section, which is full, a topic may be and still fill this one up."""


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
    role: Literal["own", "must", "spare"] = "spare"
    """The section's own topic (or what introduces it), one that the notes ask for, or one to choose from."""

    @property
    def words(self) -> int:
        """Of its lines."""
        return sum(len(line.cited.text.split()) for line in self.lines)


class SectionPlan(BaseModel):
    """A section before it is written."""

    model_config = ConfigDict(frozen=True)

    title: str = Field(min_length=1, max_length=120)
    words: int = 0
    """A target for its sentences."""
    parts: tuple[Part, ...] = ()
    titles: tuple[str, ...] = ()
    """Others that would do, where the documents have no title for it."""

    @property
    def spare(self) -> list[Part]:
        """Parts that its writer chooses from; a part begins with its first line."""
        return [part for part in self.parts if part.role == "spare" and part.lines]

    @property
    def most(self) -> int:
        """How many spare parts there is room for."""
        fixed = sum(part.words for part in self.parts if part.role != "spare")
        room = 1.15 * self.words - fixed
        count = 0
        for part in self.spare:
            # a section that has nothing else takes one whatever its length
            if (fixed or count) and (room < _LEAST_ROOM or room < 0.6 * part.words):
                break
            room -= part.words
            count += 1
        return count


def outline(
    titles: Sequence[str],
    topics: Sequence[Topic],
    must: Sequence[Topic],
    brief: Brief,
    embeddings: Embeddings | None,
) -> list[SectionPlan]:
    """Share the topics out among the sections, so that each is full and nothing is said twice.

    Args:
        titles: Of the sections, in order; one that is a topic's title gets that topic.
        topics: What may be used, the most relevant first.
        must: Topics that answer a point of the brief: each goes to the section nearest to it.
        brief: Words and kind.
        embeddings: How likeness is measured; words where None.
    """
    own = _own(titles, [*must, *topics])
    shares: list[list[Topic]] = [[topic] if topic is not None else [] for topic in own]
    rest = [topic for topic in _once([*must, *topics]) if topic not in own and topic.weight]
    near = _affinity([f"{title}. {brief.topic}" for title in titles], own, rest, embeddings)
    least = _NEAR if embeddings is not None else _NEAR_WORDS
    wanted = brief.words / len(titles) * _SPARE
    best = max((topic.relevance for topic in topics), default=0.0)
    # of a handful of documents all are meant
    sources = {topic.source for topic in topics}
    home = sources if len(sources) <= _HANDFUL else {t.source for t in [*must, *own] if t is not None}
    if own[0] is not None:
        # an introduction can only stand first, and only where its document goes on
        shares[0][:0] = [t for t in rest if _introduces(t) and t.source == own[0].source]
    for share, likeness in ((_RELEVANT, least), (_LOOSE, _LOOSELY * least)):
        for row, topic in enumerate(rest):
            needed, placed = topic in must, any(topic in share for share in shares)
            open_to = [n for n in range(len(titles)) if needed or _words(shares[n]) < wanted]
            if topic.opens or placed or not open_to:
                continue
            number = max(open_to, key=lambda n: near[row][n])
            if not needed and near[row][number] < max(near[row]) - _ASTRAY and shares[number]:
                continue
            # an article stays with its documents
            fits = topic.relevance >= share * best and near[row][number] >= likeness
            if needed or (topic.source in home and fits) or not shares[number]:
                shares[number].append(topic)
    roles = [[_role(topic, own[n], must) for topic in share] for n, share in enumerate(shares)]
    share_of = brief.words / len(titles)
    parts = _distinct(
        [
            [_part(topic, role, share_of) for topic, role in zip(*pair, strict=True)]
            for pair in zip(shares, roles, strict=True)
        ]
    )
    if brief.kind == "product":
        records = [topic.passages[0] for topic in topics if record(topic.passages[0].text)]
        if parts[0] and (side := compared(records)) is not None:
            last = parts[0][-1]
            parts[0][-1] = last.model_copy(update={"closing": _side_by_side(*side)})
    lengths = _lengths([sum(part.words for part in section) for section in parts], brief.words)
    return [
        SectionPlan(title=title, words=words, parts=tuple(section), titles=topic.others if topic else ())
        for title, words, section, topic in zip(titles, lengths, parts, own, strict=True)
    ]


def in_document_order(titles: Sequence[str], topics: Sequence[Topic]) -> list[str]:
    """Put the titles that are topics of one document into its order, in the places that they hold.

    Whoever wrote the document put the rule before its exceptions, and taking a bicycle before returning it.
    Records of a table have no such order.
    """
    ordered, places = list(titles), dict[str, list[tuple[int, Topic]]]()
    for place, topic in enumerate(_own(titles, topics)):
        if topic is not None and topic.named and not record(topic.passages[0].text):
            places.setdefault(topic.source, []).append((place, topic))
    for held in places.values():
        by_start = sorted((topic for _, topic in held), key=lambda topic: topic.passages[0].start)
        for (place, _), topic in zip(held, by_start, strict=True):
            ordered[place] = topic.title
    return ordered


def _introduces(topic: Topic) -> bool:
    return topic.opens and topic.whole and _words([topic]) <= _LONG_INTRODUCTION


def _own(titles: Sequence[str], topics: Sequence[Topic]) -> list[Topic | None]:
    found: list[Topic | None] = []
    for title in titles:
        found.append(next((topic for topic in topics if topic.title == title and topic not in found), None))
    return found


def _once(topics: Sequence[Topic]) -> list[Topic]:
    return list({topic.key: topic for topic in topics}.values())


def _affinity(
    titles: Sequence[str], own: Sequence[Topic | None], rest: Sequence[Topic], embeddings: Embeddings | None
) -> list[list[float]]:
    """The likeness of each topic of the rest to each section."""
    sections = [
        f"{title}. {_opening(topic)}" if topic is not None else title
        for title, topic in zip(titles, own, strict=True)
    ]
    texts = [f"{topic.title}. {_opening(topic)}" for topic in rest]
    matrix = alike([*sections, *texts], embeddings)
    return [row[: len(sections)] for row in matrix[len(sections) :]]


def _opening(topic: Topic) -> str:
    return " ".join(topic.text.split()[:_OPENING])


def _role(topic: Topic, own: Topic | None, must: Sequence[Topic]) -> Literal["own", "must", "spare"]:
    if topic == own or topic.opens:
        return "own"
    return "must" if topic in must else "spare"


def _part(topic: Topic, role: Literal["own", "must", "spare"], share: float) -> Part:
    heading = topic.passages[0].heading
    tables = [
        TablePlan(caption=topic.title, header=found.header, rows=found.rows, citations=(passage_id,))
        for found, passage_id in topic.grids[:1]
    ]
    lines = tuple(
        PlannedLine(cited=cited, form=form, block=number)
        for number, block in enumerate(_fitting(topic, share))
        for cited, form in block.lines
    )
    # a record has a name, and no heading
    title = topic.title if heading and topic.named and not topic.opens else ""
    return Part(title=title, source=topic.source, lines=lines, tables=tuple(tables), role=role)


def _fitting(topic: Topic, share: float) -> list[Block]:
    """The first blocks of a topic, as many as there is room for; one at least.

    Rules keep their exceptions: what stands under a heading of its document may take more than its share.
    Running text that was cut by subject may be cut again, after any sentence.
    """
    lines, words, kept = 0, 0, list[Block]()
    most = (_ROOMY if topic.named else _ROOM) * share
    for block in topic.blocks:
        lines, words = lines + len(block.lines), words + block.words
        if kept and (lines > _MOST_LINES or words > most):
            break
        kept.append(block)
    if not topic.named and words > most and len(kept) == 1:
        kept = [_cut(kept[0], most)]
    return kept


def _cut(block: Block, most: float) -> Block:
    """The first sentences of a paragraph; a list stays whole."""
    lines = list(block.lines)
    while len(lines) > 2 and lines[-1][1] == "prose" and sum(len(c.text.split()) for c, _ in lines) > most:
        del lines[-1]
    return Block(tuple(lines), whole=False)


def _words(topics: Sequence[Topic]) -> int:
    return sum(len(cited.text.split()) for topic in topics for cited, _ in topic.lines)


def _distinct(sections: list[list[Part]]) -> list[list[Part]]:
    """Keep each sentence in one place, the first that says it; a list goes whole or stays whole."""
    seen: list[str] = []
    distinct = []
    for section in sections:
        kept = []
        for part in section:
            lines = [
                line
                for _, block in groupby(part.lines, key=lambda line: line.block)
                for line in _unsaid(list(block), seen)
            ]
            seen += [line.cited.text for line in part.lines]
            if lines or part.tables:
                kept.append(part.model_copy(update={"lines": tuple(lines)}))
        distinct.append(kept)
    return distinct


def _unsaid(block: Sequence[PlannedLine], seen: Sequence[str]) -> list[PlannedLine]:
    """The lines of a block that were not said before, without those that lean on one that was."""
    said = [said_before(line.cited.text, seen) for line in block]
    if any(line.form != "prose" for line in block):
        return [] if all(said) else list(block)
    kept: list[PlannedLine] = []
    going = True
    for line, again in zip(block, said, strict=True):
        going = not again and (going or not leans(line.cited.text))
        kept += [line] if going else []
    return kept


def _side_by_side(found: Grid, ids: tuple[str, ...]) -> TablePlan:
    """The table of the records that a brief speaks of."""
    return TablePlan(caption="Side by side", header=found.header, rows=found.rows, citations=ids)


def _lengths(available: Sequence[int], words: int) -> list[int]:
    """Share a number of words out: evenly, and what a thin section cannot use goes to the others."""
    lengths = [0] * len(available)
    open_to = set(range(len(available)))
    left = words
    while open_to:
        share = left / len(open_to)
        thin = [number for number in open_to if available[number] <= share]
        for number in thin or open_to:
            lengths[number] = available[number] if thin else round(share)
        if not thin:
            break
        left -= sum(available[number] for number in thin)
        open_to -= set(thin)
    return lengths
