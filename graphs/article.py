"""The article: sections of sentences, each with its source and its maker; as data and as Markdown."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ..steps import Source

Support = Literal["supported", "ungrounded"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the text."""

    text: str
    """Without citation marks."""
    citations: tuple[str, ...]
    """Ids of the passages that it was checked against."""
    support: Support
    made_by: Source


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of sentences."""

    title: str
    sentences: tuple[Sentence, ...]

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
            "sections": [
                {
                    "title": section.title,
                    "words": section.words,
                    "sentences": [
                        {
                            "text": sentence.text,
                            "citations": list(sentence.citations),
                            "support": sentence.support,
                            "made_by": sentence.made_by,
                        }
                        for sentence in section.sentences
                    ],
                }
                for section in self.sections
            ],
            "images": [asdict(image) for image in self.images],
        }


UNGROUNDED = "Not grounded: no documents were given, and nothing in this text was checked."


def to_markdown(article: Article) -> str:
    """Write the article as Markdown; marks such as [2] point at the list of sources at the end."""
    numbers = {citation.id: number for number, citation in enumerate(article.citations, 1)}
    lines = [f"# {escape(article.title)}", ""]
    if not article.grounded:
        lines += [f"> {UNGROUNDED}", ""]
    for image in article.images:
        lines += [f"![{escape(image.alt)}](images/{Path(image.path).name})", ""]
    for section in article.sections:
        lines += [f"## {escape(section.title)}", ""]
        texts = [
            escape(sentence.text) + "".join(f" [{numbers[cited]}]" for cited in sentence.citations)
            for sentence in section.sentences
        ]
        lines += [" ".join(texts), ""]
    if article.citations:
        lines += ["## Sources", ""]
        lines += [
            f"{numbers[citation.id]}. {escape(citation.source)}: “{escape(' '.join(citation.quote.split()))}”"
            for citation in article.citations
        ]
        lines.append("")
    return "\n".join(lines)


def escape(text: str) -> str:
    """Keep a document's text from being read as Markdown or HTML."""
    text = re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)
    return re.sub(r"^(\s*)([#+\-]|\d+[.)])(\s)", r"\1\\\2\3", text)
