"""What was made for one sample, in one plain form for every scorer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..retrieval.sentences import sentences

if TYPE_CHECKING:
    from ..graphs.article import Article


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

    @property
    def sentences(self) -> list[Said]:
        """All sentences in order."""
        return [said for part in self.parts for said in part.sentences]

    @property
    def text(self) -> str:
        """All sentences as one paragraph."""
        return " ".join(part.text for part in self.parts)

    @property
    def windows(self) -> list[str]:
        """Every two sentences that follow one another in a section."""
        return [
            " ".join(said.text for said in part.sentences[at : at + 2])
            for part in self.parts
            for at in range(max(1, len(part.sentences) - 1))
        ]

    def to_json(self) -> dict[str, Any]:
        """This article as a line of the log keeps it."""
        return {
            "title": self.title,
            "ordered": self.ordered,
            "sections": [
                {
                    "title": part.title,
                    "sentences": [
                        {"text": said.text, "made_by": said.made_by, "citations": list(said.citations)}
                        for said in part.sentences
                    ],
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
            tuple(Said(said.text, said.made_by, tuple(said.citations)) for said in section.sentences),
        )
        for section in article.sections
    )
    body = article.markdown.split("\n## Sources\n")[0]
    return Made(article.title, parts, bool(_NUMBERED.search(body)))


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
