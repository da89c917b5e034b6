"""Opening a document that is a ZIP of XML (DOCX, EPUB) without being made to unpack a bomb."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from ...errors import DocumentError

MARKUP = frozenset({".xml", ".rels", ".opf", ".ncx", ".xhtml", ".html", ".htm"})
"""Endings of the parts that are read; pictures and fonts stay packed."""
_MOST_PARTS = 10_000


@contextmanager
def opened(data: bytes, name: str, most: int) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose marked-up parts together unpack to `most` bytes at most.

    Raises:
        DocumentError: It is no archive, is encrypted or damaged, a part is missing, or it is a bomb.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts if _is_markup(part.filename))
            if size > most or len(parts) > _MOST_PARTS:
                raise DocumentError(
                    f"Document {name!r} unpacks to {size / 1e6:.0f} MB of text in {len(parts)} parts; the "
                    f"limit is {most / 1e6:g} MB in {_MOST_PARTS}.",
                    "If you trust it, divide it, or raise [knowledge] max_file_mb.",
                )
            yield archive
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError) as error:
        raise DocumentError(
            f"Document {name!r} is damaged or encrypted: {error}.", "Save it again."
        ) from error


def part(archive: zipfile.ZipFile, path: str, name: str) -> bytes:
    """Return a part, refusing one that declares entities: they can grow without end.

    Raises:
        DocumentError: It declares some.
        KeyError: There is no such part.
    """
    content = archive.read(path)
    # Without the zeros of UTF-16 the declaration reads alike in every encoding.
    if b"<!ENTITY" in content.replace(b"\0", b""):
        raise DocumentError(f"Document {name!r} declares XML entities.", "Save it again without them.")
    return content


def check(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse an archive with entities in any part.

    Raises:
        DocumentError: There are some.
    """
    for each in archive.namelist():
        if _is_markup(each):
            part(archive, each, name)


def _is_markup(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in MARKUP
