"""From tokens to text as they come: whole characters only, and nothing of a stop string."""

from __future__ import annotations

from typing import Any

_BROKEN = "\ufffd"
_LONGEST_CHARACTER = 6
"""Tokens that one character can be spread over, with room; after that the bytes are simply not text."""


class StopTexts:
    """Lets text through as it comes, up to the first of the texts that end an answer."""

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = stop
        self._held = ""
        """Text that may be the beginning of a stop text."""
        self.stopped = False

    def push(self, text: str) -> str:
        """Add text; return what is certain now, possibly none."""
        text = self._held + text
        found = [place for place in (text.find(stop) for stop in self._stop) if place >= 0]
        if found:
            self.stopped = True
            self._held = ""
            return text[: min(found)]
        keep = max((_overlap(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """Return what was held back; call it once, at the end."""
        return self._held


class AnswerText:
    """The text of one answer, growing by tokens.

    Args:
        tokenizer: A Hugging Face tokenizer.
        stop: Texts that end the answer.
    """

    def __init__(self, tokenizer: Any, stop: tuple[str, ...]) -> None:
        self._tokenizer = tokenizer
        self._stop = StopTexts(stop)
        self._ids: list[int] = []
        self._read = 0
        """Tokens whose text was taken."""
        self._context = 0
        """Where decoding begins: a few tokens before `_read`, since spaces depend on what stands before."""

    @property
    def stopped(self) -> bool:
        """Whether a stop text came."""
        return self._stop.stopped

    def push(self, token: int) -> str:
        """Add a token; return the text that is certain now, possibly none."""
        self._ids.append(token)
        text = self._decode(self._context, len(self._ids))
        before = self._decode(self._context, self._read)
        if text.endswith(_BROKEN) and len(self._ids) - self._read < _LONGEST_CHARACTER:
            return ""
        self._context, self._read = self._read, len(self._ids)
        return self._stop.push(text[len(before) :])

    def rest(self) -> str:
        """Return what was held back; call it once, at the end."""
        if self.stopped:
            return ""
        tail = self._decode(self._context, len(self._ids))[len(self._decode(self._context, self._read)) :]
        return self._stop.rest() + tail.rstrip(_BROKEN)

    def _decode(self, start: int, end: int) -> str:
        text: str = self._tokenizer.decode(
            self._ids[start:end], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that begins `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
