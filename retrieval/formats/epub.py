"""The text of an EPUB: its chapters in reading order."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import ZipFile

from ...errors import DocumentError
from ..passage import Block
from . import archive
from .decode import decode
from .markdown import markdown_blocks
from .prose import prose

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = ("application/xhtml+xml", "text/html")


def read_epub(data: bytes, name: str, most: int) -> tuple[str, str, tuple[Block, ...], dict[str, str]]:
    """Return title, stored text, blocks and what the book declares of itself.

    Args:
        data: The file.
        name: For messages.
        most: What its pages may unpack to, in bytes.

    Raises:
        DocumentError: It is damaged, encrypted, a bomb, or holds no text.
    """
    with archive.opened(data, name, most) as packed:
        try:
            package, folder = _package(packed, name)
            chapters = [
                prose(decode(archive.part(packed, path, name), name)) for path in _chapters(package, folder)
            ]
        except ElementTree.ParseError as error:
            raise DocumentError(
                f"Document {name!r} is not a readable EPUB: {error}.", "Save it again."
            ) from error
    text = "\n\n".join(chapter for chapter in chapters if chapter)
    title, blocks = markdown_blocks(text)
    if not blocks:
        raise DocumentError(f"Document {name!r} holds no text.", "Give a book with text in it.")
    declared = {
        key: (package.findtext(f"{_OPF}metadata/{_DC}{tag}") or "").strip()
        for key, tag in (("title", "title"), ("author", "creator"), ("language", "language"))
    }
    return (
        declared.pop("title") or title,
        text,
        blocks,
        {key: value for key, value in declared.items() if value},
    )


def _package(packed: ZipFile, name: str) -> tuple[ElementTree.Element, str]:
    """Return the book's list of contents and the folder that its paths start from."""
    container = ElementTree.fromstring(archive.part(packed, "META-INF/container.xml", name))
    root = container.find(f"{_CONTAINER}rootfiles/{_CONTAINER}rootfile")
    path = root.get("full-path", "") if root is not None else ""
    return ElementTree.fromstring(archive.part(packed, path, name)), posixpath.dirname(path)


def _chapters(package: ElementTree.Element, folder: str) -> list[str]:
    """Return the paths of the pages, in reading order, each once."""
    pages = {
        item.get("id", ""): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in package.iterfind(f"{_OPF}manifest/{_OPF}item")
        if item.get("media-type") in _PAGES
    }
    spine = [item.get("idref", "") for item in package.iterfind(f"{_OPF}spine/{_OPF}itemref")]
    return list(dict.fromkeys(pages[each] for each in spine if each in pages))
