"""`screen`: one text, masked and marked, before it reaches a log, a trace or a prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..errors import InputError
from .injection import Marked, Score, injection, injections
from .personal import LONGEST, Found, personal
from .vault import Vault

Names = Callable[[str], Iterable[tuple[int, int]]]
"""Finds people's names in a text: their spans, such as presidio's recogniser gives."""


@dataclass(frozen=True, slots=True)
class Span:
    """What was masked: ``original[start:end]``."""

    kind: str
    start: int
    end: int
    placeholder: str


@dataclass(frozen=True, slots=True)
class Screened:
    """A text that may be logged and shown to a model."""

    text: str
    """With placeholders for personal data and secrets."""
    spans: tuple[Span, ...]
    injections: tuple[Marked, ...]
    """Sentences of `text` that speak to the model rather than to a reader."""
    score: Score
    vault: Vault
    """Holds the values; `Vault.restore` gives them to the tool that needs them."""


def screen(
    text: str, *, vault: Vault | None = None, data: bool = False, names: Names | None = None
) -> Screened:
    """Mask personal data and secrets, and mark instructions.

    Args:
        text: A message, a passage, or a tool's output; untrusted.
        vault: The conversation's, so that placeholders stay the same; None: a fresh one.
        data: The text is retrieved, quoted or a tool's output: whatever it asks for is suspect. In a
            customer's own message a plain request is not.
        names: A recogniser of people's names.

    Raises:
        InputError: The text is longer than 200,000 characters.
    """
    if len(text) > LONGEST:
        raise InputError(f"The text has {len(text):,} characters.", f"Screen at most {LONGEST:,} at once.")
    vault = Vault() if vault is None else vault
    found = personal(text)
    for start, end in sorted(names(text)) if names is not None else ():
        if all(end <= other.start or start >= other.end for other in found):
            found.append(Found("name", start, end))
    pieces, spans, at = [], [], 0
    for item in sorted(found, key=lambda item: item.start):
        placeholder = vault.put(item.kind, text[item.start : item.end])
        pieces += [text[at : item.start], placeholder]
        spans.append(Span(item.kind, item.start, item.end, placeholder))
        at = item.end
    masked = "".join([*pieces, text[at:]])
    score = injection(masked, data=data)
    marked = injections(masked, data=data) if score.flagged else []
    return Screened(masked, tuple(spans), tuple(marked), score, vault)
