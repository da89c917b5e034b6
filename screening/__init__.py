"""Screening: personal data and secrets are masked, and instructions inside data are marked.

The score is a signal for traces and replies. Safety rests on what a tool may do and on who confirmed it.
"""

from .injection import THRESHOLD, Marked, Score, injection, injections, mark
from .personal import Found, personal
from .screen import Screened, Span, screen
from .vault import Vault

__all__ = [
    "THRESHOLD",
    "Found",
    "Marked",
    "Score",
    "Screened",
    "Span",
    "Vault",
    "injection",
    "injections",
    "mark",
    "personal",
    "screen",
]
