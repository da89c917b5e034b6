"""The text of a PDF, page by page, with headings told by the size of their letters."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from statistics import median
from typing import Any

from ...errors import DocumentError
from ..passage import Block
from .builder import TextBuilder

_PDFIUM = threading.Lock()
"""PDFium keeps its state in the process: one call at a time."""
_LARGER = 1.15
"""A line this much larger than the body is a heading."""
_HEADING_WORDS = 14
MOST_PAGES = 10_000
MOST_CHARACTERS = 50_000_000
_BULLET = re.compile(r"[•◦▪●○–*-]\s+|\d{1,2}[.)]\s+")
_SENTENCE_END = re.compile(r"[.!?:][\"”')\]]*$")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    """Of its letters, in points; 0 where the file does not say."""
    page: int
    first: bool
    """Whether a blank line or a page's edge is above."""


def read_pdf(data: bytes, name: str) -> tuple[str, str, tuple[Block, ...]]:
    """Return title, stored text and blocks; `Block.page` counts from 1.

    Raises:
        DocumentError: It needs a password, is damaged, or holds no text (a scan).
    """
    import pypdfium2

    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise DocumentError(
                    f"Document {name!r} is protected by a password.", "Save a copy without the password."
                ) from error
            raise DocumentError(
                f"Document {name!r} is not a readable PDF: {error}.", "Save it again."
            ) from error
        try:
            title = str(document.get_metadata_dict().get("Title") or "").strip()
            lines = _all_lines(document, name)
        except pypdfium2.PdfiumError as error:
            raise DocumentError(f"Document {name!r} is a damaged PDF: {error}.", "Save it again.") from error
        finally:
            document.close()
    if not any(line.text for line in lines):
        raise DocumentError(f"Document {name!r} holds no text, only pictures.", "Run it through OCR first.")
    builder = _built(lines)
    return title, builder.text, tuple(builder.blocks)


def _all_lines(document: Any, name: str) -> list[_Line]:
    """Read every page, as long as there are not too many."""
    lines: list[_Line] = []
    characters = 0
    for index in range(len(document)):
        read = _lines(document[index], index + 1)
        characters += sum(len(line.text) for line in read)
        if index >= MOST_PAGES or characters > MOST_CHARACTERS:
            raise DocumentError(
                f"Document {name!r} has more than {MOST_PAGES} pages or {MOST_CHARACTERS} characters.",
                "Divide it.",
            )
        lines += read
    return lines


def _lines(page: Any, number: int) -> list[_Line]:
    """Read the lines of one page with the size of their letters."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        # One entry a character, so that the index into the text is the index PDFium knows.
        text = text_page.get_text_range(0, count) if count > 0 else ""
        lines: list[_Line] = []
        at, first = 0, True
        for piece in text.splitlines(keepends=True):
            line = " ".join(piece.replace("\ufffe", "-").replace("\x02", "-").split())
            middle = min(at + len(piece.rstrip()) // 2, max(count - 1, 0))
            size = float(raw.FPDFText_GetFontSize(text_page, middle)) if line else 0.0
            if line:
                lines.append(_Line(line, size, number, first))
            first = not line
            at += len(piece)
        return lines
    finally:
        text_page.close()
        page.close()


def _built(lines: list[_Line]) -> TextBuilder:
    """Join wrapped lines to paragraphs and put the headings above them."""
    body = median(size for line in lines for size in [line.size] * max(1, len(line.text) // 10))
    sizes = sorted({round(line.size, 1) for line in lines if _is_heading(line, body)}, reverse=True)
    widest = max(len(line.text) for line in lines)
    builder = TextBuilder()
    paragraph: list[str] = []
    page, previous = 1, ""

    def close() -> None:
        if paragraph:
            builder.block(_joined(paragraph), "item" if _BULLET.match(paragraph[0]) else "paragraph", page)
            paragraph.clear()

    for line in lines:
        if _is_heading(line, body):
            close()
            builder.heading(line.text, min(sizes.index(round(line.size, 1)) + 1, 6))
            previous = ""
            continue
        ended = bool(_SENTENCE_END.search(previous)) and len(previous) < 0.8 * widest
        if line.page != page or line.first or _BULLET.match(line.text) or ended:
            close()
        page = line.page
        paragraph.append(line.text)
        previous = line.text
    close()
    return builder


def _is_heading(line: _Line, body: float) -> bool:
    return (
        line.size > body * _LARGER
        and len(line.text.split()) <= _HEADING_WORDS
        and any(map(str.isalpha, line.text))
    )


def _joined(lines: list[str]) -> str:
    """Join lines; a word divided at a line's end becomes whole again."""
    text = lines[0]
    for line in lines[1:]:
        divided = re.search(r"[a-z]-$", text) and line[:1].islower()
        text = text[:-1] + line if divided else f"{text} {line}"
    return text
