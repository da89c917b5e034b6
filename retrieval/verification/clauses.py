"""How a sentence falls apart: into clauses, and into statements that could stand alone."""

from __future__ import annotations

import re

_PART = re.compile(
    r";\s+|\s[–—]\s|\n"
    r"|,\s+(?=(?:but|and|while|whereas|although|though|however|so|yet|or|since|because)\b)"
    r"|,\s+(?=as\s+(?!well|soon|long|far|many|much|if|of|in))|\s(?=(?:while|whereas|because|although|though)\b)"
    r"|\s(?:and|but)\s+(?=(?:can|cannot|could|will|would|is|are|was|were|has|have|had|do|does|did|must|may|might"
    r"|should|not(?!\s+(?:to|in|on|at|for|with|from|by|the|an?)\b)|never|it|they|he|she|we|you)\b)"
)
# A verb right after it has its subject before: such a clause does not stand alone.
_JOINT = re.compile(
    r"(?:;\s+(?:and\s+|but\s+)?|,\s+(?:and|but|while|whereas)\s+)(?!(?:can|cannot|could|will|would|is|are|was|were|has"
    r"|have|had|do|does|did|must|may|might|should|not|never|then|later|it|they|he|she|this|these|which|who)\b)"
)
# "A transfer takes a week, and it costs $12".
_SUBJECT = re.compile(r"(?P<who>(?:The|An?|Every|Each|All|Our|Your)\s+[^\W\d_]+)\s+(?!and\b|or\b|of\b)")
_AND_IT = re.compile(r"(?P<joint>[,;]\s+(?:and|but)\s+)(?:it|they)\s+")


def clauses(text: str) -> list[str]:
    """Return the independent clauses; a condition stays with what it limits."""
    return [part for part in _PART.split(text) if part.strip()]


def statements(text: str) -> list[str]:
    """Return what commas and "and" join, with "it" said out."""
    return _JOINT.split(_said_out(text))


def _said_out(text: str) -> str:
    """Say what "it" is in "A transfer takes a week, and it costs $12": what the sentence begins with."""
    subject = _SUBJECT.match(text)
    who = f"{subject['who'][0].lower()}{subject['who'][1:]}" if subject else ""
    return _AND_IT.sub(lambda found: f"{found['joint']}{who} ", text) if who else text
