"""What was made for one sample, in one plain form for every scorer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..retrieval.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..graphs.articles.article import Article, Sentence, Table


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an article."""

    text: str
    made_by: str
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section of an article."""

    title: str
    sentences: tuple[Said, ...]
    rows: tuple[str, ...] = ()
    """Of its tables, each with what its columns are called; in bare Markdown a row is a sentence."""

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(said.text for said in self.sentences)


@dataclass(frozen=True, slots=True)
class Made:
    """An article, whoever made it and however."""

    title: str
    parts: tuple[Part, ...]
    ordered: bool
    """Whether it holds a numbered list."""
    opening: tuple[Said, ...] = ()
    """What stands above the first section."""

    @property
    def sentences(self) -> list[Said]:
        """All sentences in order."""
        return [said for run in self._runs for said in run]

    @property
    def text(self) -> str:
        """All sentences as one paragraph."""
        return " ".join(said.text for said in self.sentences)

    @property
    def windows(self) -> list[str]:
        """Every two sentences that follow one another in a section, and every row of a table."""
        told = [
            " ".join(said.text for said in run[at : at + 2])
            for run in self._runs
            for at in range(max(1, len(run) - 1))
        ]
        return told + [row for part in self.parts for row in part.rows]

    @property
    def _runs(self) -> list[tuple[Said, ...]]:
        return [*([self.opening] if self.opening else []), *(part.sentences for part in self.parts)]

    def to_json(self) -> dict[str, Any]:
        """This article as a line of the log keeps it."""
        return {
            "title": self.title,
            "ordered": self.ordered,
            "opening": [said.text for said in self.opening],
            "sections": [
                {
                    "title": part.title,
                    "sentences": [
                        {"text": said.text, "made_by": said.made_by, "citations": list(said.citations)}
                        for said in part.sentences
                    ],
                    "rows": list(part.rows),
                }
                for part in self.parts
            ],
        }


_NUMBERED = re.compile(r"^\s{0,3}1[.)]\s", re.MULTILINE)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(?P<hashed>.+?)#*\s*$|^\s*\*\*(?P<bold>[^*]{1,120})\*\*:?\s*$")


def of_article(article: Article) -> Made:
    """What a run of the content graph made."""
    parts = tuple(
        Part(
            section.title,
            tuple(_said(sentence) for sentence in section.sentences),
            tuple(_row(table, cells) for table in section.tables for cells in table.rows),
        )
        for section in article.sections
    )
    opening = tuple(_said(sentence) for sentence in article.opening)
    body = article.markdown.split("\n## Sources\n")[0]
    return Made(article.title, parts, bool(_NUMBERED.search(body)), opening)


def _said(sentence: Sentence) -> Said:
    return Said(sentence.text, sentence.made_by, tuple(sentence.citations))


def _row(table: Table, cells: Sequence[str]) -> str:
    return "; ".join(f"{name}: {cell}" for name, cell in zip(table.header, cells, strict=True))


def of_markdown(text: str) -> Made:
    """What a bare model wrote, by its own headings; the first one before any text is the title."""
    title = ""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        match = _HEADING.match(line)
        if match is None:
            found[-1][1].append(line)
            continue
        heading = (match["hashed"] or match["bold"]).strip(" *")
        if not title and len(found) == 1 and not "".join(found[0][1]).strip():
            title = heading
        else:
            found.append((heading, []))
    parts = [
        Part(
            name,
            tuple(Said(each.line.replace("**", ""), "model") for each in sentences("\n".join(lines))),
        )
        for name, lines in found
    ]
    return Made(title, tuple(part for part in parts if part.sentences), bool(_NUMBERED.search(text)))
