"""What a page shows of an article, worked out once for HTML and PDF: marks, sources, legend, receipt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import count
from typing import Any, Literal, TypeVar

from ....agents.articles.blocks import Form
from ..article import UNGROUNDED, Article, Sentence, Table, paragraphs, told_above
from .evidence import Evidence, Piece, cut, locate

Mark = Literal["written", "chosen", "rule", "bare"]
"""The sign at the end of a sentence: by whom, and whether it cites."""

KINDS = {
    "how-to": "How to",
    "product": "Product",
    "news": "News",
    "newsletter": "Newsletter",
    "faq": "Questions",
}
"""The line above the title."""
LEGEND: Mapping[Mark, str] = {
    "written": "written by the model, then checked",
    "chosen": "chosen by the model from the source",
    "rule": "chosen by rule from the source",
    "bare": "claims nothing, cites nothing",
}
_MARKS: Mapping[str, Mark] = {"fallback": "rule", "rendered": "rule", "selected": "chosen"}
_MAKERS = {
    "model": "written by the model",
    "repaired": "written by the model at its second try",
    "selected": "chosen by the model",
    "fallback": "chosen by rule",
    "rendered": "taken over by rule",
    "cached": "taken from an earlier identical call",
}
_RTL = frozenset("ar arc ckb dv fa he ks ps sd ug ur yi".split())
_LONG = 700
"""Words above which an article has a table of contents."""
_FIGURE = re.compile(r"[~≈±<>−–-]?\s?[$€£¥]?\s?\d[^a-zA-Z]{0,12}(?:\s?[^\W\d]{1,4}|%)?$")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
"""Control characters: they show nothing, and the bidirectional ones make a line read as another."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence with what its mark says."""

    number: int
    """From 1, through the article."""
    text: str
    sources: tuple[int, ...]
    """Numbers of its sources, from 1."""
    mark: Mark
    ends_run: bool
    """Whether the mark shows: the next sentence has another source or maker, or none follows."""
    made: str
    """Who made it, as a sentence."""
    form: Form


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list, or lines of code."""

    form: Form
    sentences: tuple[ShownSentence, ...]
    label: str = ""
    """A heading of its own."""
    tables: tuple[ShownTable, ...] = ()
    """What stands between its heading and its text."""

    @property
    def items(self) -> list[tuple[ShownSentence, list[ShownSentence]]]:
        """Of a list: each item with those of the list within it."""
        made: list[tuple[ShownSentence, list[ShownSentence]]] = []
        for sentence in self.sentences:
            if sentence.form == "subitem" and made:
                made[-1][1].append(sentence)
            else:
                made.append((sentence, []))
        return made


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table with the numbers of its sources, and which of its columns hold figures."""

    number: int
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[bool, ...]
    sources: tuple[int, ...]
    told_above: bool
    """Whether the heading above says the caption already."""


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section as it is set."""

    title: str
    blocks: tuple[Block, ...]
    tables: tuple[ShownTable, ...]
    """Those after the last block."""


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A passage, cut where sentences of the article rest on it."""

    number: int
    name: str
    start: int
    end: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that a page shows, in reading order, with nothing hidden in its text."""

    language: str
    direction: Literal["ltr", "rtl"]
    kind: str
    kicker: str
    title: str
    lead: str
    description: str
    words: int
    contents: bool
    """Whether the article is long enough for a table of contents."""
    notice: str
    """That nothing was checked; "" where it was."""
    degraded: tuple[str, ...]
    """Steps that a configured model failed."""
    opening: tuple[Block, ...]
    """Above the first section."""
    sections: tuple[ShownSection, ...]
    sources: tuple[ShownSource, ...]
    legend: tuple[tuple[Mark, str, int], ...]
    """Mark, meaning, and how many sentences bear it."""
    receipt: tuple[dict[str, Any], ...]
    source_type: str
    """Term of the IPTC vocabulary of digital source types."""


def view(article: Article, receipt: Sequence[dict[str, Any]], language: str) -> View:
    """Work out what a page shows."""
    made_by = [s.made_by for section in article.sections for s in section.sentences]
    source_type = _source_type(article.grounded, {*made_by, *(image.source for image in article.images)})
    article, rows = cleaned(article), tuple(cleaned(row) for row in receipt)
    places = {citation.id: number for number, citation in enumerate(article.citations, 1)}
    quotes = {citation.id: citation.quote for citation in article.citations}
    evidence: dict[str, dict[int, Evidence]] = {name: {} for name in places}
    numbers, table_numbers = count(1), count(1)

    def tabled(t: Table, above: str) -> ShownTable:
        sources = tuple(places[name] for name in t.citations)
        told = told_above(t.caption, above)
        return ShownTable(next(table_numbers), t.caption, t.header, t.rows, _figures(t), sources, told)

    def shown(sentence: Sentence, ends_run: bool) -> ShownSentence:
        number = next(numbers)
        for name in sentence.citations:
            if (found := locate(sentence.text, quotes[name])) is not None:
                evidence[name][number] = found
        verbatim = any(e[number].verbatim for name in sentence.citations if number in (e := evidence[name]))
        sources = tuple(places[name] for name in sentence.citations)
        return ShownSentence(
            number,
            sentence.text,
            sources,
            _mark(sentence),
            ends_run,
            _made(sentence, verbatim),
            sentence.form,
        )

    def set_block(block: Sequence[Sentence], tables: Sequence[Table] = (), title: str = "") -> Block:
        return Block(
            block[0].form,
            tuple(shown(s, _ends_run(block, at)) for at, s in enumerate(block)),
            block[0].label,
            tuple(tabled(table, block[0].label or title) for table in tables),
        )

    opening = tuple(set_block(block) for block in paragraphs(article.opening))
    sections = tuple(
        ShownSection(
            section.title,
            tuple(set_block(block, tables, section.title) for block, tables in section.flow if block),
            tuple(tabled(t, section.title) for block, tables in section.flow if not block for t in tables),
        )
        for section in article.sections
    )
    blocks = [*opening, *(block for section in sections for block in section.blocks)]
    marks = [s.mark for block in blocks for s in block.sentences]
    words = article.words
    first = next((s.text for section in article.sections for s in section.sentences), article.title)
    return View(
        language=language,
        direction="rtl" if language.split("-")[0].lower() in _RTL else "ltr",
        kind=article.kind if article.kind in KINDS else "article",
        kicker=KINDS.get(article.kind, ""),
        title=article.title,
        lead=article.lead,
        description=article.lead or first,
        words=words,
        contents=len(sections) > 5 or (words > _LONG and len(sections) > 1),
        notice="" if article.grounded else UNGROUNDED,
        degraded=tuple(dict.fromkeys(row["step"] for row in rows if row["degraded"])),
        opening=opening,
        sections=sections,
        sources=tuple(
            ShownSource(number, c.source, c.start, c.end, cut(c.quote, evidence[c.id]))
            for number, c in enumerate(article.citations, 1)
        ),
        legend=tuple((m, text, marks.count(m)) for m, text in LEGEND.items() if m in marks),
        receipt=_in_order(rows),
        source_type=source_type,
    )


def _in_order(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Rows by step, then by what was spent: parallel steps end in any order, equal runs are equal pages."""
    steps = list(dict.fromkeys(row["step"] for row in rows))
    spent = ("tokens_in", "tokens_out", "attempts", "source", "reasons")
    return tuple(sorted(rows, key=lambda row: (steps.index(row["step"]), *(row[name] for name in spent))))


def cleaned(value: T) -> T:
    """Take the control characters out of every text in a value: it is shown as it reads."""
    made: Any = value
    if isinstance(value, str):
        made = _HIDDEN.sub("", value).encode("utf-8", "replace").decode()
    elif isinstance(value, dict):
        made = {key: cleaned(item) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        made = type(value)(cleaned(item) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        made = replace(value, **{f.name: cleaned(getattr(value, f.name)) for f in fields(value)})
    return made  # type: ignore[no-any-return]


def _mark(sentence: Sentence) -> Mark:
    return _MARKS.get(sentence.made_by, "written") if sentence.citations else "bare"


def _ends_run(block: Sequence[Sentence], at: int) -> bool:
    """Whether a reader needs a mark here; an item of a list always has its own."""
    if block[at].form not in ("prose", "code") or at + 1 == len(block):
        return True
    this, following = block[at], block[at + 1]
    return (this.citations, _mark(this)) != (following.citations, _mark(following))


def _made(sentence: Sentence, verbatim: bool) -> str:
    maker = _MAKERS[sentence.made_by]
    if sentence.citations:
        how = ", word for word from the source" if verbatim else " and checked against the source"
        return f"This sentence was {maker}{how}."
    if sentence.support == "ungrounded":
        return f"This sentence was {maker.replace('chosen', 'written')}; nothing in it was checked."
    return f"This sentence was {maker.replace('chosen', 'written')}. It claims nothing, so it cites nothing."


def _figures(table: Table) -> tuple[bool, ...]:
    """Which columns hold figures alone; they are set to the right."""
    columns = zip(*table.rows, strict=True) if table.rows else (() for _ in table.header)
    return tuple(
        any(cells := [cell.strip() for cell in column if cell.strip()]) and all(map(_FIGURE.match, cells))
        for column in columns
    )


def _source_type(grounded: bool, makers: set[str]) -> str:
    by_model = makers & {"model", "repaired", "cached", "selected"}
    if grounded:
        return "compositeWithTrainedAlgorithmicMedia" if by_model else "composite"
    return "trainedAlgorithmicMedia" if by_model else "algorithmicMedia"
