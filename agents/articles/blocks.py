"""What the text under a heading is made of: paragraphs, lists with the line that introduces them, and code.

A block stands or falls as one: "You may cancel if any of these holds:" means nothing without its list,
and an item of that list means the opposite of what it says without the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ...retrieval.extract import Cited, leans, whole
from ...retrieval.passage import Passage
from ...retrieval.sentences import Sentence, flat, sentences
from ...retrieval.terms import plain

Form = Literal["prose", "step", "item", "subitem", "code"]
"""How a line is set: in a paragraph, as a numbered step, as an item of a list or of a list in a list, or as
a line of code."""

_MARK = re.compile(r"(?P<indent>[ \t]*)(?:(?P<number>\d{1,3})[.)]|[-*+•])[ \t]+(?=\S)")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_FENCED = re.compile(r"^[ \t]*(?:```|~~~).*\n((?:.*\n)*?)[ \t]*(?:```|~~~)[ \t]*$", re.MULTILINE)
_ASIDE = re.compile(r"[ \t]*(?:\||#{1,6}[ \t]|<[!/a-zA-Z]|>)")
_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()]*\)")
_LEADS_ON = re.compile(r":[*_]*$")
_OF_ITSELF = re.compile(r"This (?:procedure|scheme|service|course|regulation|plan|program(?:me)?)\b")
_ORDER = re.compile(r"[A-Z][a-z]+ [^\s|:;?]*\w(?: [^\s|:;?]*\w)?[.!]")
"""A sentence of two or three words, such as "Run make."."""
_ENDED = re.compile(r"[A-Z\d$£€(][^|?]*[.!]\)?")
"""A text that begins and ends as a sentence does."""
_MOST_ASKED = 6
"""Words of a question that stays with its answer."""
_WONDERS = re.compile(
    r"(?:And |But |So )?(?:(?:on|in|at|for|by|from) )?(?:what|who|when|where|why|which|how|whose)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 30
"""Of a text that is no whole sentence."""
_LONGEST, _MOST_ITEMS, _MOST_CODE = 400, 14, 30
"""Characters of an item, items of a list, lines of code: what is longer is left to its document."""
_MOST_RULES, _LEAST_RULES = 60, 5
"""Items of a list of rules, of which each can be told without the others."""
_RULES = re.compile(
    r"(?:\S+ ){0,9}?(?:must|may|can|cannot|should|shall|will|is|are|no|not|never|only)\b", re.I
)
"""The beginning of a rule; of a step it is not."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together."""

    lines: tuple[tuple[Cited, Form], ...]
    whole: bool = True
    """Whether nothing had to be left out of it."""

    @property
    def words(self) -> int:
        """Of its lines."""
        return sum(len(cited.text.split()) for cited, _ in self.lines)

    @property
    def apart(self) -> bool:
        """Whether it is a list of which each item can be told without the others."""
        return len(self.lines) >= _LEAST_RULES and all(
            form == "item" and _whole(cited.text) for cited, form in self.lines
        )


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: Literal["prose", "list", "code", "aside"]
    spans: list[tuple[int, int, Form]]
    """Of the paragraph, of each item, or of each line of code."""


def blocks_of(
    document: str, passages: Sequence[Passage], skip: Callable[[str], bool] = lambda _: False
) -> list[Block]:
    """The blocks of passages that stand under one heading, in order.

    Fragments, questions, quotations and tables are no lines. A sentence that leans on one that is left
    out goes with it.

    Args:
        document: Its stored text.
        passages: Of that document, in order and without a gap but for blanks.
        skip: Tells of a sentence of a paragraph whether it is unwanted.
    """
    start = passages[0].start
    text = document[start : passages[-1].end]
    places = [(passage.start - start, passage) for passage in passages]
    made: list[Block] = []
    leading: Block | None = None  # a paragraph that ends in a colon waits for what it announces
    for chunk in _chunks(text):
        if chunk.kind == "prose":
            made += [_unannounced(leading)] if leading is not None else []
            paragraph, announced = _paragraph(text, chunk.spans[0], places, skip)
            leading = paragraph if announced else None
            made += [] if announced else [paragraph]
            continue
        block = _listed(text, chunk, places) or (_rules(text, chunk, places) if leading is None else None)
        if leading is not None and block is not None:
            block = Block(leading.lines + block.lines, leading.whole)
        elif leading is not None:
            block = _unannounced(leading)
        elif block is not None and chunk.kind == "code" and made:
            block = Block(made[-1].lines + block.lines, made.pop().whole)
        elif block is None or _menu(block):
            block = Block((), False)
        leading = None
        made.append(block)
    made += [_unannounced(leading)] if leading is not None else []
    while made and made[0].lines and made[0].lines[0][1] == "prose" and _dangles(made[0].lines[0][0].text):
        made[0] = Block(made[0].lines[1:], False)
    return made


def set_as(form: Form) -> Literal["prose", "list", "code"]:
    """What lines of a form make together: a paragraph, a list, or a piece of code."""
    return form if form in ("prose", "code") else "list"


def announces(text: str) -> bool:
    """Whether a line announces what follows it."""
    return bool(_LEADS_ON.search(text.rstrip()))


def _cited(text: str, start: int, end: int, places: Sequence[tuple[int, Passage]]) -> Cited | None:
    """The span as a sentence of its passage; None where it runs over into the next."""
    offset, passage = next(place for place in reversed(places) if place[0] <= start)
    if end - offset > len(passage.text):
        return None
    said = _unmarked(flat(_FENCED.sub(_spans, text[start:end])))
    return Cited(said, passage.id, start - offset, end - offset)


def _unmarked(text: str) -> str:
    """A sentence without the mark of italics or bold that another one begins or ends."""
    marks = re.findall(r"(?<!\w)\*+(?=\w)|(?<=[\w.!?])\*+(?!\w)", text)
    return text.replace(marks[0], "") if len(marks) % 2 else text


def _spans(code: re.Match[str]) -> str:
    """Lines of code within a sentence."""
    return " ".join(f"`{line.strip()}`" for line in code[1].splitlines())


def _chunks(text: str) -> Iterator[_Chunk]:
    kind: Literal["prose", "list", "code", "aside"] | None = None
    spans: list[tuple[int, int, Form]] = []
    position, fenced, blank, outer = 0, False, True, 0
    for line in text.splitlines(keepends=True):
        first, position = position, position + len(line)
        end = first + len(line.rstrip())
        mark = _MARK.match(line)
        fence = bool(_FENCE.match(line))
        if (fence or fenced) and kind == "list" and (fenced or line.startswith((" ", "\t"))):
            # code within an item is a part of it
            spans[-1] = (spans[-1][0], end, spans[-1][2])
            fenced ^= fence
        elif fence or fenced:
            if fence and not fenced:
                if kind is not None:
                    yield _Chunk(kind, spans)
                kind, spans = "code", []
            elif not fence and line.strip():
                spans.append((first, end, "code"))
            fenced ^= fence
            if fence and not fenced:
                yield _Chunk("code", spans)
                kind, spans = None, []
        elif not line.strip():
            if kind in ("prose", "aside"):
                yield _Chunk(kind, spans)
                kind, spans = None, []
        elif mark and (blank or kind == "list" or text[:first].rstrip().endswith((":", ".", "*", "_"))):
            if kind not in ("list", None):
                yield _Chunk(kind, spans)
            if kind != "list":
                kind, spans, outer = "list", [], len(mark["indent"])
            inner = len(mark["indent"]) > outer + 1
            form: Form = "subitem" if inner else "step" if mark["number"] else "item"
            spans.append((first + mark.end(), end, form))
        elif _ASIDE.match(line) and kind != "list":
            if kind not in ("aside", None):
                yield _Chunk(kind, spans)
            kind, spans = "aside", [(first, end, "prose")]
        elif kind == "list" and blank and not line.startswith((" ", "\t")):
            yield _Chunk(kind, spans)
            kind, spans = "prose", [(first, end, "prose")]
        elif kind in ("prose", "list", "aside"):
            spans[-1] = (spans[-1][0], end, spans[-1][2])
        else:
            kind, spans = "prose", [(first, end, "prose")]
        blank = not line.strip()
    if kind is not None:
        yield _Chunk(kind, spans)


def _paragraph(
    text: str,
    span: tuple[int, int, Form],
    places: Sequence[tuple[int, Passage]],
    skip: Callable[[str], bool],
) -> tuple[Block, bool]:
    """The sentences of a paragraph, and whether its last one announces what follows."""
    lines: list[tuple[Cited, Form]] = []
    kept = complete = True
    asked = False
    leading = announces(text[span[0] : span[1]])
    found = sentences(text[span[0] : span[1]])
    # "999, first." means something beside sentences, and what follows may lean on it
    says = any(_whole(sentence.line) for sentence in found)
    for sentence in found:
        cited = _cited(text, span[0] + sentence.start, span[0] + sentence.end, places)
        last = leading and sentence is found[-1]
        kept = cited is not None and (
            last
            or (
                (_whole(cited.text) or (says and _short(cited.text)) or _asks(sentence, found))
                and (kept or not leans(cited.text))
                and not skip(cited.text)
            )
        )
        if not kept and asked:
            lines.pop()  # a question without its answer
        if cited is not None and kept:
            lines.append((cited, "prose"))
        asked = kept and not last and _asks(sentence, found)
        complete &= kept
    return Block(tuple(lines), complete), leading and kept and bool(lines)


def _whole(text: str) -> bool:
    """Whether a sentence is one; it may begin with code, whose case is its own, and may be a short order."""
    said = plain(text)
    said = said[:1].upper() + said[1:] if text.startswith("`") else said
    return bool(_ORDER.fullmatch(said)) or whole(said)


def _short(text: str) -> bool:
    """Whether a text says something though it is no whole sentence: "Yes!", "Six evenings, £120."."""
    said = plain(text)
    words = said.split()
    figures = sum(any(map(str.isdigit, word)) for word in words)
    return bool(_ENDED.fullmatch(said)) and len(words) <= _MOST_WORDS and 3 * figures <= max(3, len(words))


def _asks(sentence: Sentence, found: Sequence[Sentence]) -> bool:
    """Whether a text is a short question before its own answer, such as "Can't carry it?".

    Within a paragraph that is one that names a case, as "Still bleeding? Ring us." does.
    """
    short = sentence.line.endswith("?") and len(sentence.line.split()) <= _MOST_ASKED
    first = sentence is found[0] or not _WONDERS.match(sentence.line)
    return short and first and sentence is not found[-1] and sentence.line[:1].isupper()


def _dangles(text: str) -> bool:
    """Whether a text cannot begin so; "This procedure applies" is said of the whole."""
    return leans(text) and not _OF_ITSELF.match(text)


def _unannounced(block: Block) -> Block:
    """A paragraph without its last line, which announced what is not there."""
    return Block(block.lines[:-1], False)


def _listed(text: str, chunk: _Chunk, places: Sequence[tuple[int, Passage]]) -> Block | None:
    """A whole list, or a whole piece of code; None where a part of it cannot be carried over."""
    most = _MOST_CODE if chunk.kind == "code" else _MOST_ITEMS
    if chunk.kind == "aside" or not 1 <= len(chunk.spans) <= most:
        return None
    lines: list[tuple[Cited, Form]] = []
    for start, end, form in chunk.spans:
        cited = _cited(text, start, end, places)
        if cited is None or len(cited.text) > _LONGEST or not any(map(str.isalpha, plain(cited.text))):
            return None
        if form == "code":
            # blanks mean something in code
            cited = Cited(text[start:end], cited.passage_id, cited.start, cited.end)
        lines.append((cited, form))
    return Block(tuple(lines))


def _rules(text: str, chunk: _Chunk, places: Sequence[tuple[int, Passage]]) -> Block | None:
    """What can be told of a long list, of rules and not of steps; None where it is none."""
    if chunk.kind != "list" or not _MOST_ITEMS < len(chunk.spans) <= _MOST_RULES:
        return None
    cited = [_cited(text, start, end, places) for start, end, _ in chunk.spans]
    told = [each for each in cited if each is not None and len(each.text) <= _LONGEST and _whole(each.text)]
    numbered = chunk.spans[0][2] == "step"
    if len(told) < _LEAST_RULES or (
        numbered and 2 * sum(bool(_RULES.match(c.text)) for c in told) < len(told)
    ):
        return None
    return Block(tuple((each, "item") for each in told), len(told) == len(chunk.spans))


def _menu(block: Block) -> bool:
    """Whether a list is nothing but links."""
    return all(_LINK.fullmatch(cited.text) for cited, _ in block.lines)
