"""Polite requests: "Could you please cancel order W456?" asks for the deed, as "Cancel order W456" does."""

from __future__ import annotations

import re

_SMALL = r"(?:(?:please|kindly|just|then|also|now|and|so|hi|hello|hey)\b[\s,!.]*)*"
_KIND = r"(?:be\s+(?:so\s+kind|kind\s+enough|able)\s+(?:as\s+)?to\s+|help\s+me\s+(?:to\s+)?)?"
_POLITE = re.compile(
    rf"^\W*{_SMALL}(?:"
    rf"(?:can|could|will|would)\s+you\s+(?:mind\s+)?{_SMALL}{_KIND}"
    rf"|i(?:'d|’d|\s+would)?\s+(?:really\s+)?(?:like|love|want|need|wish)\s+(?:you\s+)?to\s+"
    rf"|i(?:'d|’d|\s+would)\s+(?:really\s+)?(?:be\s+(?:glad|grateful|happy)|appreciate\s+it)\s+if\s+you\s+(?:could|would)\s+"
    rf"|(?:is\s+it\s+possible|would\s+it\s+be\s+possible)\s+for\s+you\s+to\s+"
    rf")?{_SMALL}",
    re.IGNORECASE,
)


def command(text: str) -> str:
    """Return what is asked for, without the polite frame: "cancel order W456?".

    A question about what the customer may do ("Can I cancel it?") stays as it is.
    """
    return _POLITE.sub("", text.strip(), count=1)
