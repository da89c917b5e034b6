"""The article: sections of sentences, each with its source and its maker; as data and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from ...agents.articles.blocks import Form, set_as
from ...steps import Source

Support = Literal["supported", "ungrounded"]
CODE_SPAN = re.compile(r"(`[^`]+`)")
"""Code within a sentence, with its marks; what stands between spans is at even places of a split."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the text."""

    text: str
    """Without citation marks."""
    citations: tuple[str, ...]
    """Ids of the passages that it was checked against."""
    support: Support
    made_by: Source
    form: Form = "prose"
    paragraph: int = 0
    """Number of its paragraph or list in the section, from 0."""
    label: str = ""
    """The heading of a part that the section's title does not name; on its first sentence."""


def paragraphs(sentences: Sequence[Sentence]) -> tuple[tuple[Sentence, ...], ...]:
    """Sentences as paragraphs and lists, in order."""
    return tuple(tuple(group) for _, group in groupby(sentences, key=lambda s: (s.paragraph, set_as(s.form))))


@dataclass(frozen=True, slots=True)
class Table:
    """A small table carried over from a document, cell by cell."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Each as long as the header."""
    citations: tuple[str, ...]
    """Ids of the passages that it stands in."""
    before: int = 0
    """Number of the paragraph that it stands before; where there is none such, it stands last."""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of sentences, with the tables that belong to them."""

    title: str
    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...] = ()

    @property
    def blocks(self) -> tuple[tuple[Sentence, ...], ...]:
        """Its paragraphs and lists, in order."""
        return paragraphs(self.sentences)

    @property
    def flow(self) -> list[tuple[tuple[Sentence, ...], tuple[Table, ...]]]:
        """Its blocks, each with the tables that stand before it; those after the last come with none."""
        blocks = self.blocks
        numbers = [block[0].paragraph for block in blocks]
        placed: list[list[Table]] = [[] for _ in range(len(blocks) + 1)]
        for table in self.tables:
            place = next((at for at, number in enumerate(numbers) if number >= table.before), len(blocks))
            placed[place].append(table)
        flow = [(block, tuple(tables)) for block, tables in zip([*blocks, ()], placed, strict=True)]
        return flow if placed[-1] else flow[:-1]

    @property
    def words(self) -> int:
        """How many words its sentences have."""
        return sum(len(sentence.text.split()) for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class ArticleImage:
    """A picture beside the text."""

    path: str
    width: int
    height: int
    source: str
    seed: int
    model: str | None
    alt: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that the article cites: `quote` is ``[start:end)`` of the stored text of `source`."""

    id: str
    source: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """What the content graph makes."""

    title: str
    path: str
    html_path: str
    sections: tuple[Section, ...]
    images: tuple[ArticleImage, ...]
    citations: tuple[Citation, ...]
    grounded: bool
    kind: str = "article"
    lead: str = ""
    """What the reader finds here: a line that claims nothing, and so cites nothing."""
    opening: tuple[Sentence, ...] = ()
    """What stands above the first section."""

    @property
    def words(self) -> int:
        """How many words its sentences have."""
        opening = sum(len(sentence.text.split()) for sentence in self.opening)
        return opening + sum(section.words for section in self.sections)

    @property
    def markdown(self) -> str:
        """The article as Markdown, with numbered citations."""
        return to_markdown(self)

    def to_json(self) -> dict[str, Any]:
        """The ``output`` object of ``write --json``."""
        return {
            "title": self.title,
            "path": self.path,
            "html_path": self.html_path,
            "grounded": self.grounded,
            "kind": self.kind,
            "lead": self.lead,
            "opening": [asdict(sentence) for sentence in self.opening],
            "sections": [
                {
                    "title": section.title,
                    "words": section.words,
                    "sentences": [asdict(sentence) for sentence in section.sentences],
                    "tables": [asdict(table) for table in section.tables],
                }
                for section in self.sections
            ],
            "images": [asdict(image) for image in self.images],
        }


def heading(topic: str) -> str:
    """A topic as a title."""
    topic = " ".join(topic.split()).rstrip(".")
    return topic[:1].upper() + topic[1:]


UNGROUNDED = "Not grounded: no documents were given, and nothing in this text was checked."


def to_markdown(article: Article) -> str:
    """Write the article as Markdown; marks such as [2] point at the list of sources at the end."""
    numbers = {citation.id: number for number, citation in enumerate(article.citations, 1)}
    lines = [f"# {escape(article.title)}", ""]
    if not article.grounded:
        lines += [f"> {UNGROUNDED}", ""]
    for image in article.images:
        lines += [f"![{escape(image.alt)}](images/{Path(image.path).name})", ""]
    if article.lead:
        lines += [f"*{escape(article.lead)}*", ""]
    for block in paragraphs(article.opening):
        lines += [*_block(block, numbers), ""]
    for section in article.sections:
        lines += [f"## {escape(section.title)}", ""]
        for block, tables in section.flow:
            if block and block[0].label:
                lines += [f"### {escape(block[0].label)}", ""]
            above = (block[0].label if block else "") or section.title
            for table in tables:
                lines += [*_table(table, numbers, above), ""]
            lines += [*_block(block, numbers), ""] if block else []
    if article.citations:
        lines += ["## Sources", ""]
        lines += [
            f"{numbers[citation.id]}. {escape(citation.source)}: “{escape(' '.join(citation.quote.split()))}”"
            for citation in article.citations
        ]
        lines.append("")
    return "\n".join(lines)


def _block(block: Sequence[Sentence], numbers: Mapping[str, int]) -> list[str]:
    """A paragraph on one line, or a list with an item a line."""
    marks = ["".join(f" [{numbers[cited]}]" for cited in s.citations) for s in block]
    if block[0].form == "code":
        fence = "`" * max(3, 1 + max(len(run) for s in block for run in re.findall(r"`*", s.text)))
        return [fence, *(s.text for s in block), fence]  # the line that announces it bears the mark
    texts = [escape(s.text) + mark for s, mark in zip(block, marks, strict=True)]
    if block[0].form == "prose":
        return [" ".join(texts)]
    lines, number = [], 0
    for s, text in zip(block, texts, strict=True):
        number += s.form == "step"
        lines.append(f"{number}. {text}" if s.form == "step" else f"{'   ' * (s.form == 'subitem')}- {text}")
    return lines


def told_above(caption: str, heading: str) -> bool:
    """Whether the heading above a table says its caption already."""
    return caption.lower() in heading.lower()


def _table(table: Table, numbers: Mapping[str, int], above: str) -> list[str]:
    rows = [table.header, ("---",) * len(table.header), *table.rows]
    lines = ["| " + " | ".join(escape(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    marks = "".join(f" [{numbers[cited]}]" for cited in table.citations)
    caption = "" if told_above(table.caption, above) else f"*{escape(table.caption)}*"
    return [*lines, "", f"{caption}{marks}".strip()]


def escape(text: str) -> str:
    """Keep a document's text from being read as Markdown or HTML; what stands as code stays code."""
    pieces = CODE_SPAN.split(text)
    for number in range(0, len(pieces), 2):
        pieces[number] = re.sub(r"([\\`*_\[\]<>])", r"\\\1", pieces[number])
    text = "".join(pieces)
    return re.sub(r"^(\s*(?:\d+(?=[.)])|(?=[#+-])))(.)(\s)", r"\1\\\2\3", text)
