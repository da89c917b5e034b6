"""From bytes to text: which encoding a file is in, and whether it is text at all."""

from __future__ import annotations

import codecs

from ...errors import DocumentError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000
"""Bytes that guessing an encoding looks at; more makes it slow and no better."""
_MOST_CONTROL = 0.02
"""Share of control characters above which bytes are no text."""


def decode(data: bytes, name: str) -> str:
    """Return the text in `data`; line ends stay as they are, a byte order mark goes.

    Raises:
        DocumentError: The bytes are empty, or no text in any encoding that can be told.
    """
    if not data.strip():
        raise DocumentError(f"Document {name!r} is empty.", "Give a file with text in it.")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _checked(_decoded(data, encoding, name), name)
    if b"\x00" in data[:_SAMPLE]:
        raise _no_text(name)
    try:
        return _checked(data.decode("utf-8"), name)
    except UnicodeDecodeError:
        return _checked(_decoded(data, _guessed(data, name), name), name)


def _guessed(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise _no_text(name)
    return best.encoding


def _decoded(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"Document {name!r} looks like {encoding}, but byte {error.start} is not.", "Save it as UTF-8."
        ) from error


def _checked(text: str, name: str) -> str:
    """Refuse what decodes by luck: pictures and archives are full of control characters."""
    sample = text[:_SAMPLE]
    control = sum(1 for character in sample if character < " " and character not in "\t\n\r\f\x0b\x1b")
    if control > _MOST_CONTROL * len(sample) or "\x00" in sample:
        raise _no_text(name)
    if not text.strip():
        raise DocumentError(f"Document {name!r} holds only white space.", "Give a file with text in it.")
    return text


def _no_text(name: str) -> DocumentError:
    return DocumentError(
        f"Document {name!r} is binary, whatever its name says.",
        "Give text, Markdown, HTML, PDF, DOCX, EPUB, CSV or JSONL.",
    )
