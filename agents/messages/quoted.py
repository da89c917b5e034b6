"""What a customer only quotes, such as a mail: it is data, and what it asks for is nobody's wish."""

from __future__ import annotations

import re

LEAST_WORDS = 5
"""Words in quotation marks from which they are a text and no name: "Drumlin Winter Tent" is a name."""
_MARKS = re.compile(r"\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|„([^“”]+)[“”]|(?:(?<=\s)|^)'([^']+)'(?=[\s.,;!?]|$)")
_LINES = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_ORDERS = re.compile(
    r"\s*(?:please\s+)?(?:cancel|return|send|refund|change|ship|show|list|delete|update|confirm)\s+\S",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^[ \t]*-{2,20}\s{0,5}(?:original|forwarded)\s{1,5}message\s{0,5}-{2,20}.*"
    r"|^(?:on\s[^\n]{4,80}\swrote|from:\s[^\n]{1,200}\n(?:[^\n]{0,200}\n)?subject):.*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def part_quoted(message: str) -> tuple[str, str]:
    """Return a message without what it quotes, and what that is: "" where it quotes nothing."""
    quoted: list[str] = []

    def take(match: re.Match[str]) -> str:
        text = next((group for group in match.groups() if group), match[0])
        if match.re is _MARKS and len(text.split()) < LEAST_WORDS and not _ORDERS.match(text):
            return match[0]
        quoted.append(text.strip())
        return " "

    own = message
    for pattern in (_FORWARDED, _LINES, _MARKS):
        own = pattern.sub(take, own)
    return (own.strip(), " ".join(quoted)) if quoted else (message, "")
