"""The text of a DOCX file: paragraphs, headings, list items and tables, read from its XML."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ..errors import DocumentError
from .builder import TextBuilder
from .passage import Block

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_HEADING = re.compile(r"(?:heading|berschrift|titre)\s*([1-6])", re.IGNORECASE)
_EXPANSION = 20
"""How many times its size limit a document may grow when it is unpacked."""


def read_word(data: bytes, name: str, most: int) -> tuple[str, str, tuple[Block, ...]]:
    """Return title, stored text and blocks.

    Args:
        data: The file.
        name: For messages.
        most: Size limit of a document, in bytes; an archive that unpacks far beyond it is refused.

    Raises:
        DocumentError: It is damaged, encrypted, a bomb, or holds no text.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = _xml(archive, "word/document.xml", name, most)
            core = (
                _xml(archive, "docProps/core.xml", name, most)
                if "docProps/core.xml" in archive.namelist()
                else None
            )
    except (zipfile.BadZipFile, KeyError, RuntimeError, ElementTree.ParseError) as error:
        raise DocumentError(
            f"Document {name!r} is not a readable DOCX: {error}.", "Save it again as DOCX."
        ) from error
    builder = TextBuilder()
    for element in body.iterfind(f"{_W}body/*"):
        if element.tag == f"{_W}p":
            _paragraph(builder, element)
        elif element.tag == f"{_W}tbl":
            _table(builder, element)
    if not builder.blocks:
        raise DocumentError(f"Document {name!r} holds no text.", "Give a document with text in it.")
    title = core.findtext(_TITLE) if core is not None else None
    return (title or "").strip(), builder.text, tuple(builder.blocks)


def _xml(archive: zipfile.ZipFile, part: str, name: str, most: int) -> Element:
    """Parse one part, refusing bombs: of compression by its size, of entities by its DOCTYPE."""
    if archive.getinfo(part).file_size > most * _EXPANSION:
        raise DocumentError(f"Document {name!r} unpacks to an unreasonable size.", "Do not open it.")
    content = archive.read(part)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DocumentError(
            f"Document {name!r} declares XML entities.", "Save it again with a word processor."
        )
    return ElementTree.fromstring(content)


def _paragraph(builder: TextBuilder, element: Element) -> None:
    text = _text(element)
    style = element.find(f"{_W}pPr/{_W}pStyle")
    name = style.get(f"{_W}val", "") if style is not None else ""
    level = _HEADING.match(name)
    if level:
        builder.heading(text, int(level.group(1)))
    elif name.lower() == "title":
        builder.heading(text, 1)
    elif element.find(f"{_W}pPr/{_W}numPr") is not None:
        builder.block(f"- {text}" if text.strip() else "", "item")
    else:
        builder.block(text)


def _table(builder: TextBuilder, element: Element) -> None:
    """Add a table as rows of Markdown, the first of them its header."""
    rows = [
        [" ".join(" ".join(_text(p) for p in cell.iter(f"{_W}p")).split()) for cell in row.findall(f"{_W}tc")]
        for row in element.findall(f"{_W}tr")
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in rows if any(cells)]
    if lines:
        lines.insert(1, "|" + "---|" * len(rows[0]))
        builder.block("\n".join(lines), "table", context=", ".join(rows[0]))


def _text(paragraph: Element) -> str:
    pieces = []
    for element in paragraph.iter():
        if element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag in (f"{_W}tab", f"{_W}br"):
            pieces.append(" ")
    return "".join(pieces)
