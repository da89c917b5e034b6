"""What retrieval passes around: documents, their blocks, and the passages that are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

DocumentKind = Literal["markdown", "html", "pdf", "word", "epub", "table", "jsonl", "text"]
BlockKind = Literal["paragraph", "item", "table", "code", "row"]


class Passage(BaseModel):
    """A piece of a document, as search returns it.

    ``stored[start:end] == text`` holds for the stored text of the document `source`
    (`KnowledgeBase.text`): the decoded file for Markdown and plain text, else the extracted text.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    """Stable while document and span are: a hash of name and content, then the span."""
    text: str
    source: str
    """Id of the document."""
    tenant: str = ""
    """Whose document it is; "" where it is nobody's own."""
    start: int = Field(default=0, ge=0)
    """First character in the stored text."""
    end: int = Field(default=0, ge=0)
    """One past the last character in the stored text."""
    heading: tuple[str, ...] = ()
    """Headings above the passage, outermost first."""
    page: int | None = None
    """Page of a PDF, from 1."""
    score: float = 0.0
    """How well it answers the query, 0 to 1; 0 where nothing was asked."""


@dataclass(frozen=True, slots=True)
class Block:
    """A span of the stored text that is split no further than it must be; headings are not blocks."""

    start: int
    end: int
    kind: BlockKind = "paragraph"
    heading: tuple[str, ...] = ()
    page: int | None = None
    context: str = ""
    """What a reader of the block needs besides the headings, such as a table's header row."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is indexed."""

    id: str
    text: str
    """The stored text: every span counts its characters."""
    sha256: str
    """Of the file's bytes."""
    kind: DocumentKind
    title: str
    blocks: tuple[Block, ...]
    """In the order of the text, without overlap."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What the document declares of itself, as `metadata.kept` leaves it."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document inside a folder that could not be read."""

    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class Added:
    """What adding to a knowledge base did; every number counts documents but `passages`."""

    documents: int = 0
    """New or changed."""
    passages: int = 0
    """Of those documents."""
    unchanged: int = 0
    removed: int = 0
    skipped: tuple[Skipped, ...] = ()
