"""The main content of an HTML page as Markdown-like text, without menus, banners and scripts."""

from __future__ import annotations

import re
from typing import Any

from ...errors import DocumentError
from ..passage import Block
from .markdown import markdown_blocks

_BLANKS = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
_BESIDE = (
    "//nav | //header[not(ancestor::main)] | //footer | //aside | //form | //script | //style | //noscript"
)


def read_html(text: str, name: str) -> tuple[str, str, tuple[Block, ...], dict[str, str]]:
    """Return title, stored text, blocks and declared language of a page.

    Raises:
        DocumentError: There is no text in it.
    """
    import trafilatura

    page = trafilatura.load_html(text)
    extracted = _extracted(page) if page is not None else ""
    if page is not None and not _HEADING.search(extracted) and page.xpath("//h1 | //h2 | //h3"):
        # Without <main> or <article>, short pages lose their headings: give it one.
        marked = _extracted(_marked(text))
        extracted = marked if _HEADING.search(marked) else extracted or marked
    if not extracted.strip():
        raise DocumentError(
            f"Document {name!r} holds no readable text.", "Check that the page has its text in the HTML."
        )
    stored = _BLANKS.sub("", extracted)
    title, blocks = markdown_blocks(stored)
    named = " ".join((page.findtext(".//title") or "").split())
    language = page.xpath("string(/html/@lang)")
    return title or named, stored, blocks, {"language": language} if language else {}


def _extracted(page: Any) -> str:
    import trafilatura
    from trafilatura.settings import use_config

    config = use_config()
    # By default a page under 250 characters counts as a failure.
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "1")
    found = trafilatura.extract(
        page,
        output_format="markdown",
        include_comments=False,
        include_tables=True,
        include_formatting=True,
        favor_recall=True,
        config=config,
    )
    return found or ""


def _marked(text: str) -> Any:
    """Return the page with its body, less what stands beside the content, as its main element."""
    import trafilatura

    page = trafilatura.load_html(text)
    for element in page.xpath(_BESIDE):
        element.drop_tree()
    for body in page.xpath("//body"):
        main = body.makeelement("main", {})
        main.extend(list(body))
        main.text, body.text = body.text, None
        body.append(main)
    return page
