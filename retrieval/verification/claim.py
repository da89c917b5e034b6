"""What a sentence says, in the parts that the rules compare: stems, clauses, negations, conditions, names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ..terms import STOP_WORDS, plain, words
from . import denial, segments
from .lexicon import VAGUE, content, items, root, telling, verb_share
from .numbers import numbers
from .phrases import uniform
from .units import Number, unit_of

_STATEMENT = 3
"""Content words and numbers that make a statement of its own."""
_CONDITION = re.compile(
    r"\b(?P<if>if|provided(?:\s+that)?|as\s+long\s+as|so\s+long\s+as|in\s+case)\b|\b(?P<unless>unless|except(?:\s+(?:for|that|when|if|in))?"
    r"|excluding|other\s+than|apart\s+from)\b|\b(?P<until>until|till)\b",
    re.IGNORECASE,
)
_ONLY_WHEN = re.compile(r"\bonly\b[^,;.]*?\b(?:when|while)\b", re.IGNORECASE)
_ONLY = re.compile(
    # "only three", "only few", "only half" make little of an amount; they limit nothing.
    r"\b(?:(?<!-)only(?!\s+(?:about\s+|an?\s+)?(?:[$€£]?\d|few|small|half|one|two|three|four|five|six|seven|eight|nine|ten|then|after|once)\b)|solely|exclusively|(?:nobody|nothing|none|no\s+(?:one|other))\s+(?:but|except))\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"\s*(?:[,;.]|$)")
_CODE = re.compile(r"\b(?:\d+(?:\.\d+){2,}|(?=[\w.-]*\d)(?=[\w.-]*[^\W\d_])\w+(?:[.-]\w+)*)\b")
_LINKED = re.compile(r"\b[A-Z][a-z]+(?:-[A-Z][a-z]+)+\b")
"""A name such as Retry-After, whose words say nothing by themselves."""
_NAME = re.compile(r"[^\W\d_][\w'’&-]*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A clause that limits the rest of its sentence."""

    kind: str
    """"if", "unless" or "until"."""
    stems: frozenset[str]
    """Content of the clause."""
    limits: frozenset[str]
    """Content beside the clause: the nearest words of what it limits."""
    words: str


class Claim:
    """One sentence, of a text or of a source, taken apart when a rule asks."""

    def __init__(self, text: str) -> None:
        self.text = uniform(" ".join(plain(text).split()))

    @cached_property
    def stems(self) -> list[str]:
        """Stems of the content words, in order; numbers are left to `numbers`."""
        return content(self.text)

    @cached_property
    def all_stems(self) -> list[str]:
        """Stems of all words, in order."""
        return [root(word) for word in words(self.text)]

    @cached_property
    def spoken(self) -> list[str]:
        """Stems of all words but the units of numbers, in order."""
        units = {match.group().lower() for match in re.finditer(r"[^\W_]+", self.text)} - {
            word for word in words(self.text) if word in STOP_WORDS
        }
        kept = {found for _, found, _ in telling(self.text, self.numbers)}
        measures = {root(word) for word in units if unit_of(word)} - kept
        inside = {root(word) for match in _LINKED.finditer(self.text) for word in words(match.group())}
        plain_text = {root(word) for word in words(_LINKED.sub(" ", self.text))}
        return [found for found in self.all_stems if found not in measures | (inside - plain_text)]

    @cached_property
    def numbers(self) -> list[Number]:
        """The numbers, in order."""
        return numbers(self.text)

    @cached_property
    def parts(self) -> list[Claim]:
        """The independent clauses; a condition stays with what it limits."""
        return [claim_of(part) for part in segments.clauses(self.text)]

    @cached_property
    def joined(self) -> list[Claim]:
        """The statements that commas and "and" join into one sentence; none where it makes only one."""
        found = [claim_of(part) for part in segments.statements(self.text)]
        return (
            found
            if found[0].text != self.text and all(len(each.items) >= _STATEMENT for each in found)
            else []
        )

    @property
    def negated(self) -> list[frozenset[str]]:
        """For each negation, what it may deny: the stems of the next two content words, or the last two."""
        return [frozenset(focus) for focus in self.denials]

    @cached_property
    def heads(self) -> set[str]:
        """Of what negations deny, the nearest word; both words of a passive, whose subject may be a list."""
        return {found for focus, passive in self._negations for found in (focus if passive else focus[:1])}

    @cached_property
    def scope(self) -> set[str]:
        """All that negations may deny: the stems after each, to the end of its clause."""
        return denial.scope(self.text)

    @property
    def denials(self) -> list[tuple[str, ...]]:
        """As `negated`, the word that is denied first."""
        return [focus for focus, _ in self._negations]

    @cached_property
    def denied(self) -> bool:
        """Whether it denies, all in all: two denials are none, but "no A and no B" is one."""
        return denial.denies(self.text)

    @cached_property
    def _negations(self) -> list[tuple[tuple[str, ...], bool]]:
        return denial.focuses(self.text)

    @cached_property
    def conditions(self) -> list[Condition]:
        """The conditions, those of one kind in order."""
        found = []
        for match in [*_CONDITION.finditer(self.text), *_ONLY_WHEN.finditer(self.text)]:
            clause, _, after = re.sub(r"[,;]", "\0", self.text[match.end() :], count=1).partition("\0")
            before = content(re.split(r"[;]|,\s(?=\w+\s\w+\s\w+)", self.text[: match.start()])[-1])
            limits = before[-_BESIDE:] or content(after)[:_BESIDE]
            kind = match.lastgroup or "if"
            words_of = f"{match.group()}{clause}"
            found.append(Condition(kind, frozenset(content(clause)), frozenset(limits), words_of))
        return found

    @cached_property
    def limited(self) -> list[str]:
        """For each "only", the next item; "" where it stands at the end of a clause."""
        return [
            next((item for start, item, _ in items(self.text) if start >= match.end()), "")
            if not _CLAUSE_END.match(self.text, match.end())
            else ""
            for match in _ONLY.finditer(self.text)
        ]

    @cached_property
    def names(self) -> list[str]:
        """The capitalised words after the first; all but the first letter may be small."""
        found = list(_NAME.finditer(self.text))
        return [
            _owner(match.group())
            for match in found[1:]
            if match.group()[0].isupper()
            and not any(number.start <= match.start() < number.end for number in self.numbers)
            and match.group().lower() not in STOP_WORDS
            # After a colon or an opening quote a capital letter is grammar.
            and not re.search(
                r"[:\"“‘(]\s*$|(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bSt)(?<!\bMrs)(?<!\bProf)[.!?]\s+$",
                self.text[: match.start()],
            )
        ]

    @cached_property
    def codes(self) -> list[str]:
        """What mixes letters and digits, such as X.25 or A4, or several numbers, as 2.0.1, in lower case."""
        spans = [(number.start, number.end) for number in self.numbers]
        return [
            match.group().lower()
            for match in _CODE.finditer(self.text)
            if not any(start <= match.start() < end for start, end in spans)
        ]

    @cached_property
    def first(self) -> str:
        """The first word as it is written."""
        match = _NAME.search(self.text)
        return _owner(match.group()) if match else ""

    @cached_property
    def subject(self) -> str:
        """Stem of the first word, an article aside; "" of a pronoun, an adverbial or an order."""
        every = words(self.text)
        at = 1 if every and every[0] in _ARTICLES else 0
        if len(every) > at + 1 and every[at + 1] in _ARTICLES:
            return ""  # an order: "keep the beans"
        known = len(every) > at and every[at] not in STOP_WORDS | _ADVERBS and not every[at].endswith("ly")
        return root(every[at]) if known else ""

    @cached_property
    def bound(self) -> dict[str, set[str]]:
        """For each directional preposition, its objects: stems, and numbers as written."""
        found: dict[str, set[str]] = {}
        every = words(self.text)
        for index, word in enumerate(every):
            if word in DIRECTIONS and not (
                word == "to" and verb_share(" ".join(every[index + 1 : index + 2]))
            ):
                rest = [
                    other for other in every[index + 1 :] if other not in _ARTICLES and other not in VAGUE
                ]
                # Another preposition after it: "over until" binds nothing.
                for other in rest[:_PHRASE]:
                    if other in STOP_WORDS:
                        break
                    found.setdefault(word, set()).add(root(other))
        return found

    @cached_property
    def items(self) -> list[str]:
        """Stems of content words and values of numbers, in order: what stands beside what."""
        return [item for _, item, _ in items(self.text)]

    @cached_property
    def written(self) -> dict[str, str]:
        """How each item stands in the text."""
        return {item: text for _, item, text in items(self.text)}

    @cached_property
    def places(self) -> list[int]:
        """Where each of the items starts in the text."""
        return [start for start, _, _ in items(self.text)]


@lru_cache(maxsize=4096)
def claim_of(text: str) -> Claim:
    """Return the claim of a text; the same texts come again with each call, and stay taken apart."""
    return Claim(text)


_ARTICLES = frozenset({"a", "an", "the", "your", "our", "its", "their", "all", "each", "every"})
_ADVERBS = frozenset({"always", "never", "often", "sometimes", "later", "today", "still", "soon", "since"})
_BESIDE = 4
"""Content words beside a condition that stand for what it limits."""
_PHRASE = 2
"""Words after a preposition that may be its object."""
DIRECTIONS = frozenset("from to into onto before after above below over under than against instead".split())
"""Prepositions whose objects cannot change places with anything."""


def _owner(name: str) -> str:
    return re.sub(r"['’]s?$", "", name)
