"""Code and commands in a text: unlike prose, they must stand in a source to the letter, blanks aside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .sources import Source, Sources

_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)(.+?)(?<!`)\1(?!`)")
_PROMPT = re.compile(r"^(?:\$|>>>|%|#)\s+")
# A flag, a variable, a path, a call, an assignment, a name_with_underscores, a pipe.
_FORM = re.compile(
    r"--?[A-Za-z][\w-]*(?:=\S*)?|\$\w\S*|(?:\.{1,2}|~)?/\S+|\w+(?:/[\w.-]+){2,}|[\w.]+\([^()\s]*\)?;?|\S*\w=\S+|&&|\|\|?"
    r"|\w+_\w+|[{}]\S*|\w+::\w\S*"
)
_ARGUMENT = re.compile(rf"(?:{_FORM.pattern}|\d\S*)$")
_PROSE = frozenset(
    "a an the is are was were be been this that these those it "
    "they we you he she which who must may can should "
    "will when then because and or of to your their its".split()
)
_SHARE = 0.5
"""Share of a sentence's words within code marks from which it is code, not prose about code."""


def commands(line: str, fenced: bool, sources: Sources) -> tuple[list[str], bool]:
    """Return the code in a sentence, blanks folded, and whether it is nothing else.

    Args:
        line: A sentence with its mark-up.
        fenced: Whether it stands between code fences.
        sources: Prose that begins as one of their code lines does is taken for a command.
    """
    if fenced or _is_command(line, sources):
        return [_folded(_SPAN.sub(r"\2", line))], True
    spans = [_folded(match.group(2)) for match in _SPAN.finditer(line)]
    inside = sum(len(span.split()) for span in spans)
    outside = len(re.findall(r"\w[\w'’-]*", _SPAN.sub(" ", line)))
    return spans, bool(spans) and inside >= 1 and outside < _SHARE * (inside + outside) and outside <= 1


def holder(code: str, sources: Sources, first: set[int]) -> Source | None:
    """Return the source sentence that holds code to the letter, one of the passages `first` before others."""
    found = [source for source in sources.all if _holds(source, code)]
    return min(found, key=lambda source: source.passage not in first, default=None)


def _holds(source: Source, code: str) -> bool:
    units = list(_units(source))
    if code in units:
        return True
    if source.sentence.code:
        return False
    # Where a source marks no code: the same tokens in its prose, with no further argument after them.
    text = _folded(source.sentence.text).replace("`", "")
    parts = code.split()
    if units and len(parts) > 1:
        return False
    at = re.search(rf"(?<![\w./-]){re.escape(code)}(?![\w/-]|\.\w)(?P<next>\s+\S+)?", text)
    return at is not None and (len(parts) == 1 or not _ARGUMENT.match((at["next"] or "").strip(" .,;")))


def _units(source: Source) -> Iterator[str]:
    if source.sentence.code:
        yield _folded(source.sentence.text)
    for match in _SPAN.finditer(source.sentence.text):
        yield _folded(match.group(2))


def _is_command(line: str, sources: Sources) -> bool:
    tokens = _folded(line).split()
    if (
        len(tokens) < 2
        or "`" in line
        or line.rstrip().endswith((".", "!", "?"))
        or not tokens[0][0].isascii()
    ):
        return False
    if _PROSE & {token.lower() for token in tokens}:
        return False
    if any(_FORM.fullmatch(token) for token in tokens):
        return True
    return tokens[0] in sources.commands and tokens[0].islower()


def _folded(text: str) -> str:
    return _PROMPT.sub("", " ".join(text.split()))
