"""Blocks of a Markdown text: where each paragraph, list item and table stands, and under which headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..passage import Block, BlockKind
from ..terms import plain
from .title_line import title_line

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINE_END = re.compile(r"\r\n?|\n")  # what the parser takes for one
_TITLE = re.compile(r"^title:[ \t]*(['\"]?)(.+?)\1[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BOLD_LINE = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{3,100}?)\1[ \t]*(?:\n|$)")
"""A line in bold: many write their headings so."""
_RUN_IN = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{3,100}?)([.?!]?)\1([.?!]?)(?=\s)")
"""Words in bold that begin a paragraph."""
_LINE, _SENTENCE = 7, 8
"""The levels of headings in bold: below all others. A sentence is that of its own paragraph alone."""
_ALIKE = 3
"""Paragraphs of a section that begin in bold, from which on these words are headings."""
_MINUTES = re.compile(r"\bminutes\b|^\W*(?:present|apologies|attending|there):", re.IGNORECASE | re.MULTILINE)
_TOP = 800
"""Characters in which minutes say that they are some."""
_MARKER = re.compile(r"\s*\d{1,3}[.)]\s+")
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
    one block with the lists inside it. Where no line is a heading, a first line that reads as a title is the
    heading of all. A line in bold, and a question in bold that begins a paragraph, is a
    heading. So are words in bold where three paragraphs of a section begin with some; they stay text, too.
    Numbered items of minutes that begin in bold have headings: they are no steps.
    """
    title = ""
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    starts = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    covered = 0  # the line up to which an item or table has taken what is inside it
    tokens = _parsed(text)
    headless = not any(token.type in ("heading_open", "front_matter") for token in tokens)
    opening, begun = title_line(text) if headless else ("", 0)
    bold = _bold_headings(text, tokens, starts)
    if opening:
        title, path = opening, [(1, opening)]
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
            if index in bold:
                level, name, first = bold[index]
                path = [*((at, above) for at, above in path if at < _LINE), (level, name)]
            elif token.type == "paragraph_open":
                path = [(at, above) for at, above in path if at < _SENTENCE]
            block = _block(text, max(first, begun), last, _KINDS[token.type], tuple(name for _, name in path))
            if block is not None:
                blocks.append(block)
    return title, tuple(blocks)


def _bold_headings(
    text: str, tokens: Sequence[Token], starts: Sequence[int]
) -> dict[int, tuple[int, str, int]]:
    """Paragraphs that begin with a heading in bold: by token, its level, itself and where the text begins."""
    found: dict[int, tuple[int, str, int]] = {}
    sentences: dict[int, tuple[int, str, int]] = {}
    since = -1
    minutes = bool(_MINUTES.search(text[:_TOP]))
    for index, token in enumerate([*tokens, None]):
        if token is None or token.type == "heading_open":
            if len(sentences) + sum(index > since for index in found) >= _ALIKE:
                found |= sentences
            sentences, since = {}, index
        elif token.type == "paragraph_open" and token.level == 0 and token.map is not None:
            first = starts[token.map[0]]
            line, run_in = _BOLD_LINE.match(text, first), _RUN_IN.match(text, first)
            if line and not line[2].rstrip().endswith((".", ":", ",")):
                found[index] = (_LINE, plain(line[2]).strip(), line.end())
            elif run_in and "?" in (run_in[3], run_in[4]):
                found[index] = (_LINE, f"{plain(run_in[2]).strip()}?", run_in.end())
            elif run_in and not run_in[2].endswith((":", ",")):
                sentences[index] = (_SENTENCE, plain(run_in[2]).strip(), first)
        elif minutes and token.type == "list_item_open" and token.level == 1 and token.map is not None:
            marker = _MARKER.match(text, starts[token.map[0]])
            item = _RUN_IN.match(text, marker.end()) if marker else None
            if item:
                found[index] = (_LINE, plain(item[2]).strip(" :"), item.end())
    return found


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
