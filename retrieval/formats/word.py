"""The text of a DOCX file: mammoth makes HTML of it, and that becomes Markdown."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from ...errors import DocumentError
from ..passage import Block
from . import archive
from .markdown import markdown_blocks
from .prose import prose

_STYLES = "p[style-name='Title'] => h1:fresh\np.Title => h1:fresh\np[style-name='Subtitle'] => p:fresh"
_CORE = "docProps/core.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"


def read_word(data: bytes, name: str, most: int) -> tuple[str, str, tuple[Block, ...], dict[str, str]]:
    """Return title, stored text, blocks and what the file declares of itself.

    Args:
        data: The file.
        name: For messages.
        most: What its XML may unpack to, in bytes.

    Raises:
        DocumentError: It is damaged, encrypted, a bomb, or holds no text.
    """
    import mammoth

    declared: dict[str, str] = {}
    with archive.opened(data, name, most) as packed:
        archive.check(packed, name)
        try:
            if _CORE in packed.namelist():
                core = ElementTree.fromstring(packed.read(_CORE))
                declared = {key: (core.findtext(_DC + key) or "").strip() for key in ("title", "language")}
            page = mammoth.convert_to_html(
                io.BytesIO(data),
                style_map=_STYLES,
                convert_image=mammoth.images.img_element(lambda image: {"src": ""}),
                ignore_empty_paragraphs=True,
            ).value
        except Exception as error:
            raise DocumentError(
                f"Document {name!r} is not a readable DOCX: {type(error).__name__}: {error}.",
                "Save it again as DOCX.",
            ) from error
    text = prose(page)
    title, blocks = markdown_blocks(text)
    if not blocks:
        raise DocumentError(f"Document {name!r} holds no text.", "Give a document with text in it.")
    return declared.pop("title", "") or title, text, blocks, {k: v for k, v in declared.items() if v}
