"""HTML that is all content, such as a converted letter or a book's chapter, as Markdown."""

from __future__ import annotations

import re

_LINES = re.compile(r"\n{3,}")


def prose(html: str) -> str:
    """Return the Markdown of a page: headings, lists and tables stay, pictures and links' targets go.

    Nothing is taken for a menu or a banner, unlike `html.read_html`.
    """
    from bs4 import BeautifulSoup
    from markdownify import ATX, MarkdownConverter

    soup = BeautifulSoup(html, "lxml")
    for element in soup(["script", "style", "head", "img", "svg"]):
        element.decompose()
    converter = MarkdownConverter(
        heading_style=ATX,
        bullets="-",
        strip=["a", "em", "strong", "b", "i", "sup", "sub"],
        table_infer_header=True,
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
    )
    return _LINES.sub("\n\n", converter.convert_soup(soup)).strip()
