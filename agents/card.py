"""The card: a picture drawn by rule, the same bytes for the same words and seed.

Typst shapes and breaks the text. Fonts of the machine are ignored, so every machine draws the same.
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

_TEMPLATE = Path(__file__).with_name("card.typ")
_lock = threading.Lock()
_compiler: object | None = None


def draw_card(
    title: str,
    subtitle: str = "",
    *,
    width: int = 1200,
    height: int = 630,
    seed: int = 0,
    language: str = "en",
) -> bytes:
    """Draw a title card.

    Args:
        title: Large, over at most half of the height; shortened at 200 characters.
        subtitle: Below it; may be empty.
        width: In pixels.
        height: In pixels.
        seed: Picks the colours, together with the title.
        language: For hyphenation.

    Returns:
        A PNG file.
    """
    import typst

    digest = hashlib.sha256(f"{seed}\n{title}".encode("utf-8", "replace")).digest()
    inputs = {
        "title": _short(title, 200) or "Untitled",
        "subtitle": _short(subtitle, 160),
        "width": str(width),
        "height": str(height),
        "hue": str(int.from_bytes(digest[:2], "big") % 360),
        "lang": language.split("-")[0].lower(),
    }
    global _compiler
    # one compiler is kept warm; it is not safe to share between threads
    with _lock:
        if _compiler is None:
            _compiler = typst.Compiler(str(_TEMPLATE), ignore_system_fonts=True)
        png = _compiler.compile(format="png", ppi=72.0, sys_inputs=inputs)  # type: ignore[attr-defined]
    assert isinstance(png, bytes)
    return png


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
