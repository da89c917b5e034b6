"""Stored text for formats that are not text themselves: pieces go in, text and blocks come out."""

from __future__ import annotations

from ..passage import Block, BlockKind


class TextBuilder:
    """Appends headings and blocks to a text and keeps the span of each block."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._path: list[tuple[int, str]] = []
        self._last: BlockKind | None = None
        self.blocks: list[Block] = []

    @property
    def text(self) -> str:
        """The stored text so far."""
        return "".join(self._pieces)

    def heading(self, title: str, level: int = 1) -> None:
        """Add a heading line (``## Title``); it stands above all that follows until one as high.

        Args:
            title: One line.
            level: 1 (outermost) to 6.
        """
        title = " ".join(title.split())
        if title:
            self._path = [(at, name) for at, name in self._path if at < level] + [(level, title)]
            self._append(f"{'#' * level} {title}", None)

    def block(
        self, text: str, kind: BlockKind = "paragraph", page: int | None = None, context: str = ""
    ) -> None:
        """Add a block under the headings so far; blank text adds nothing."""
        text = text.strip()
        if text:
            start = self._append(text, kind)
            path = tuple(name for _, name in self._path)
            self.blocks.append(Block(start, start + len(text), kind, path, page, context))

    def _append(self, text: str, kind: BlockKind | None) -> int:
        """Append after one line end between items or rows, else two; return where `text` starts."""
        close = kind in ("item", "row") and kind == self._last
        gap = ("\n" if close else "\n\n") if self._pieces else ""
        self._pieces += [gap, text]
        start = self._length + len(gap)
        self._length = start + len(text)
        self._last = kind
        return start
