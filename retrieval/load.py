"""Reading one file: from bytes to a `Document` with its stored text and blocks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..errors import DocumentError
from .find import find
from .metadata import front_matter, kept
from .passage import Block, Document, DocumentKind

if TYPE_CHECKING:
    _Blocks = tuple[Block, ...]
    _Read = tuple[str, str, _Blocks] | tuple[str, str, _Blocks, Mapping[str, Any]]
    """Title, stored text, blocks, and what the document declares of itself."""

__all__ = ["MAX_MB", "READER", "find", "is_complicated", "load", "load_text"]

_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
MAX_MB = 50.0
"""Largest document, in megabytes of 1,000,000 bytes."""
READER = "4"
"""Version of how files are read and split: a higher one makes every document count as changed."""

_KINDS: dict[str, DocumentKind] = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mdx": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".pdf": "pdf", ".docx": "word", ".epub": "epub", ".csv": "table", ".tsv": "table",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
}  # fmt: skip
_BINARY = """
.7z .avi .bin .bmp .bz2 .class .db .dll .doc .exe .gguf .gif .gz .ico .jar .jpeg .jpg .mkv .mov .mp3
.mp4 .npy .npz .o .onnx .ppt .pptx .png .pt .pyc .rar .safetensors .so .sqlite .sqlite3 .tar .tgz .tif
.tiff .wasm .wav .webp .whl .woff .woff2 .xls .xlsx .xz .zip .zst
"""
_NEVER_TEXT = frozenset(_BINARY.split())
_SUPPORTED = "Give text, Markdown, HTML, PDF, DOCX, EPUB, CSV, TSV, JSON or JSONL."
_OPENING, _TITLE_WORDS = 300, 16
"""Characters in which the title of a plain text is looked for, and the words that it may have."""
_GAP = re.compile(r"\n[ \t\r]*\n\s*")


def load(path: Path, document: str, max_mb: float = MAX_MB) -> Document:
    """Read a file as the document with the id `document`.

    Raises:
        DocumentError: It is missing, empty, too large, encrypted, binary, or not what its name says.
    """
    return parse(_bytes(path, document, max_mb), document, max_mb)


def is_complicated(path: Path) -> bool:
    """Tell whether a file's format needs a parser that a hostile file could hang or crash."""
    if _KINDS.get(path.suffix.lower()) in ("html", "pdf", "word", "epub"):
        return True
    try:
        with path.open("rb") as file:
            return file.read(5) == b"%PDF-"
    except OSError:
        return False


def _bytes(path: Path, document: str, max_mb: float) -> bytes:
    if path.suffix.lower() in _NEVER_TEXT:
        raise DocumentError(
            f"Document {document!r} is of a kind that is not read ({path.suffix}).", _SUPPORTED
        )
    try:
        if not path.is_file():
            raise DocumentError(f"Document {document!r} is not a regular file.", "Give a file.")
        size = path.stat().st_size
        if size > max_mb * 1_000_000:
            raise DocumentError(
                f"Document {document!r} has {size / 1e6:.1f} MB; the limit is {max_mb:g} MB.",
                "Divide it, or raise [knowledge] max_file_mb.",
            )
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"Document {document!r} cannot be read: {error.strerror}.", "Check its permissions."
        ) from error


def fingerprint(path: Path, document: str, max_mb: float = MAX_MB) -> str:
    """Return the sha256 of a file's bytes.

    Raises:
        DocumentError: It cannot be read, or is too large.
    """
    return hashlib.sha256(_bytes(path, document, max_mb)).hexdigest()


def load_text(text: str, document: str) -> Document:
    """Make a document of a text in hand; Markdown in it counts, whatever the id.

    Raises:
        DocumentError: It is blank.
    """
    from .formats.markdown import markdown_blocks

    if not text.strip():
        raise DocumentError(f"Document {document!r} is empty.", "Give a text with words in it.")
    title, blocks = markdown_blocks(text)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(
        document, text, digest, "markdown", title or stem_title(document), blocks, front_matter(text)
    )


def parse(data: bytes, document: str, max_mb: float = MAX_MB) -> Document:
    """Make a document of a file's bytes; the ending of its id says what it is.

    Raises:
        DocumentError: It is empty, encrypted, binary, or not what its name says.
    """
    kind = _KINDS.get(PurePosixPath(document).suffix.lower(), "text")
    if not data:
        raise DocumentError(f"Document {document!r} is empty (0 bytes).", "Give a file with text in it.")
    if data.startswith(b"%PDF-") and kind == "text":
        kind = "pdf"
    title, text, blocks, *declared = _READERS[kind](data, document, max_mb)
    if not blocks:
        raise DocumentError(
            f"Document {document!r} holds no readable text.", "Give a document with sentences in it."
        )
    digest = hashlib.sha256(data).hexdigest()
    known = kept(declared[0]) if declared else {}
    return Document(document, text, digest, kind, title or stem_title(document), blocks, known)


def stem_title(document: str) -> str:
    """Return a title made of an id: "gift cards" of ``docs/gift-cards.md``, "" of a number or a UUID."""
    stem = PurePosixPath(document).stem
    words = re.sub(r"[-_.]+", " ", stem).strip()
    return words if any(character.isalpha() for character in words) and not _UUID.fullmatch(stem) else ""


def _markdown(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.decode import decode
    from .formats.markdown import markdown_blocks

    text = decode(data, name)
    title, blocks = markdown_blocks(text)
    return title, text, blocks, front_matter(text)


def _html(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.decode import decode
    from .formats.html import read_html

    return read_html(decode(data, name), name)


def _pdf(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.pdf import read_pdf

    return read_pdf(data, name)


def _word(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.word import read_word

    return read_word(data, name, int(max_mb * 1_000_000))


def _epub(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.epub import read_epub

    return read_epub(data, name, int(max_mb * 1_000_000))


def _table(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.decode import decode
    from .formats.table import read_csv

    return ("", *read_csv(decode(data, name), name))


def _jsonl(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.decode import decode
    from .formats.table import read_jsonl

    return ("", *read_jsonl(decode(data, name), name))


def _text(data: bytes, name: str, max_mb: float) -> _Read:
    from .formats.decode import decode
    from .formats.title_line import title_line

    text = decode(data, name)
    title, end = title_line(text)
    if title:
        below = paragraphs(text[end:])
        return title, text, tuple(Block(end + b.start, end + b.end, heading=(title,)) for b in below)
    blocks = paragraphs(text)
    return _opening(text, blocks), text, blocks


def _opening(text: str, blocks: tuple[Block, ...]) -> str:
    """Return the first sentence of a text where it is as short as a title and more follows, else ""."""
    from .sentences import sentences

    first = blocks[0] if blocks else Block(0, 0)
    found = sentences(text[first.start : min(first.end, first.start + _OPENING)])
    if not found or first.start + found[0].end == blocks[-1].end or len(found[0].line.split()) > _TITLE_WORDS:
        return ""
    return found[0].line


def paragraphs(text: str) -> tuple[Block, ...]:
    """Return the blocks of a plain text: what blank lines divide."""
    blocks = []
    start = 0
    for end, following in [
        *((gap.start(), gap.end()) for gap in _GAP.finditer(text)),
        (len(text), len(text)),
    ]:
        piece = text[start:end]
        if any(character.isalnum() for character in piece):
            first = start + len(piece) - len(piece.lstrip())
            blocks.append(Block(first, first + len(piece.strip())))
        start = following
    return tuple(blocks)


_READERS: dict[DocumentKind, Callable[[bytes, str, float], _Read]] = {
    "markdown": _markdown,
    "html": _html,
    "pdf": _pdf,
    "word": _word,
    "epub": _epub,
    "table": _table,
    "jsonl": _jsonl,
    "text": _text,
}
