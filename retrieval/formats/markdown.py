"""Blocks of a Markdown text: where each paragraph, list item and table stands, and under which headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..passage import Block, BlockKind
from ..terms import plain

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINE_END = re.compile(r"\r\n?|\n")  # what the parser takes for one
_TITLE = re.compile(r"^title:[ \t]*(['\"]?)(.+?)\1[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_KINDS: dict[str, BlockKind] = {
    "paragraph_open": "paragraph",
    "list_item_open": "item",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "html_block": "paragraph",
}


def markdown_blocks(text: str) -> tuple[str, tuple[Block, ...]]:
    """Return the title of a Markdown text ("" where it names none) and its blocks.

    The title is that of the front matter, else the first heading of level 1. An item of an outer list is
    one block with the lists inside it.
    """
    title = ""
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    starts = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    covered = 0  # the line up to which an item or table has taken what is inside it
    tokens = _parsed(text)
    for index, token in enumerate(tokens):
        if token.map is None or token.map[0] < covered:
            continue
        first, last = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        if token.type == "front_matter":
            named = _TITLE.search(token.content)
            title = named.group(2) if named else ""
        elif token.type == "heading_open":
            level, name = int(token.tag[1]), plain(tokens[index + 1].content).strip()
            if not name:
                continue
            title = title or (name if level == 1 else "")
            path = [(at, above) for at, above in path if at < level] + [(level, name)]
        elif token.type in _KINDS:
            if token.type in ("list_item_open", "table_open"):
                covered = token.map[1]
            block = _block(text, first, last, _KINDS[token.type], tuple(name for _, name in path))
            if block is not None:
                blocks.append(block)
    return title, tuple(blocks)


def _parsed(text: str) -> list[Token]:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
    # Only the blocks are wanted, and inline parsing of a line of megabytes takes minutes.
    parser.core.ruler.disable(["inline", "text_join"])
    return parser.parse(text)


def _block(text: str, start: int, end: int, kind: BlockKind, heading: tuple[str, ...]) -> Block | None:
    """Trim a span of white space; None where nothing is left to read."""
    raw = text[start:end]
    said = _COMMENT.sub("", raw) if raw.lstrip().startswith("<!--") else raw
    if not any(character.isalnum() for character in said):
        return None
    start += len(raw) - len(raw.lstrip())
    end = start + len(raw.strip())
    context = flat_row(text[start:end].split("\n", 1)[0]) if kind == "table" else ""
    return Block(start, end, kind, heading, None, context)


def flat_row(line: str) -> str:
    """Return the cells of a Markdown table row, separated by commas."""
    return ", ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
