"""The words that tell something, as stems: which of them mean the same, which are verbs, which say little."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from ..terms import STOP_WORDS, lemma_of, stem
from .numbers import numbers
from .units import Number, unit_of

_FILE = Path(__file__).with_name("wordnet.json")
_ENDINGS = (
    ("ies", "y"),
    ("es", ""),
    ("es", "e"),
    ("s", ""),
    ("ied", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
)
_GROUPS = """
phone telephone call; photo photograph photography picture; register enrol enroll sign; refund reimburse
repay; begin start commence; end finish; buy purchase; cost price fee; need require; help assist; keep
retain; get receive obtain; allow permit tolerate; child kid youngster; doctor physician; vehicle
automobile; big large; fast quick rapid; choose pick select; repair fix mend; mistake error; delete erase;
employee staff worker personnel; customer client; shop store; trip journey voyage crossing; film movie;
house home; whole entire complete; build construct erect; use employ utilize utilise; show display exhibit;
happen occur; reply answer respond; hurt injure wound; tell inform notify; speak talk; ill sick; kill die;
medicine medication drug; near nearby; annual yearly; usual typical normal; reduce lower decrease cut;
increase raise boost; fall drop decline; rise climb; transform turn convert; send ship dispatch; rule
regulation; road street; town city; company firm; chief head leader lead; oversee supervise; prohibit ban
forbid; exclude omit; stop cease halt; throw hurl; last continue; hold contain include; postpone delay
defer; cancel terminate; examine inspect check; alter change modify; assure guarantee; protect
safeguard; destroy ruin demolish; win beat defeat; mainly mostly chiefly primarily; about approximately
roughly around; quit resign; inhabitant resident; lorry truck; lift elevator; holiday vacation; autumn fall;
petrol gasoline; shut close; free complimentary; gift present; amount sum; area region; aim goal purpose;
attempt try; danger hazard; eat consume; enough sufficient; fire blaze; grow expand; hint tip; injury wound;
kit set; liquid fluid; meal dish; nowadays currently today; opportunity chance; own possess; next following;
part portion piece; place location site; quiet silent; rubbish garbage trash; save store; supply provide;
journey travel; visit come; watch observe; fetch collect; refer referral; class session lesson; wash clean;
write record
"""
_LIGHT = """
need come came go went take took get got make made put use time way thing people person order possible
available usual usually time be become do have keep let give want like say tell know thing several own
currently still already just simply such total number amount part according policy text information
following note ensure please whose someone anyone ahead room piece whoever weigh kind type sort case money
back able various additional here normally actually simply really basically advice supposed wherever
concerned besides another generally mean means except unlike else somebody anybody everybody anything
something everything tend maximum minimum latest beforehand otherwise
"""
VAGUE = frozenset({"nearly", "about", "around", "almost", "approximately", "roughly", "circa", "some"})
"""Words that make a number a rough one."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNIT_REACH = 12
"""Characters after a number within which its unit stands; the unit is part of the number."""


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, frozenset[str]]]:
    given = json.loads(_FILE.read_text("utf-8"))
    tables = {}
    for name in ("same", "opposite"):
        table: dict[str, set[str]] = {}
        for one, others in given[name].items():
            for two in others.split():
                first, second = canonical(one), canonical(two)
                if first != second:
                    table.setdefault(first, set()).add(second)
                    table.setdefault(second, set()).add(first)
        tables[name] = {word: frozenset(others) for word, others in table.items()}
    return tables


def akin(found: str) -> frozenset[str]:
    """Return the stems of words that may mean the same, or are built on one another."""
    return _tables()["same"].get(found, frozenset())


def contrary(found: str) -> frozenset[str]:
    """Return the stems of words that mean the opposite."""
    return _tables()["opposite"].get(found, frozenset())


@lru_cache(maxsize=1)
def _verbs() -> dict[str, int]:
    given = json.loads(_FILE.read_text("utf-8"))["verb"]
    return dict.fromkeys(given["often"].split(), 1) | dict.fromkeys([*given["mostly"].split(), "go"], 2)


@lru_cache(maxsize=8192)
def verb_share(word: str) -> int:
    """Return 2 of a word, in lower case, that is mostly a verb, 1 of one that often is, else 0."""
    table = _verbs()
    lemma = lemma_of(word)
    found = [table.get(word, 0), table.get(lemma, 0)]
    for ending, replaced in _ENDINGS:
        if word.endswith(ending):
            base = word[: -len(ending)] + replaced
            found.append(table.get(base, 0))
            if ending in ("ed", "ing") and len(base) > 2 and base[-1:] == base[-2:-1]:
                found.append(table.get(base[:-1], 0))
    return max(found)


@lru_cache(maxsize=1)
def _canonical() -> dict[str, str]:
    made: dict[str, str] = {}
    for group in _GROUPS.replace("\n", " ").split(";"):
        found = [stem(word) for word in group.split()]
        # A word of two groups belongs to its first: groups do not flow together.
        first = made.get(found[0], found[0])
        for each in found:
            made.setdefault(each, first)
    return made


def canonical(found: str) -> str:
    """Return the one stem that stands for a stem and its synonyms."""
    return _canonical().get(found, found)


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """Return the stem that stands for a lower-case word and its synonyms."""
    return canonical(stem(word))


LIGHT = frozenset(root(word) for word in _LIGHT.split())
"""Stems of words that add no claim when they are new."""
LIGHT_VERBS = frozenset(root(verb) for verb in "give take come go get put make keep".split())
"""Verbs that say little by themselves."""


def item_of(number: Number) -> str:
    """Return the item that stands for a number."""
    return f"#{number.kind}:{number.unit}:{number.value}"


def content(text: str) -> list[str]:
    """Return the stems of the words that carry meaning and are no numbers, in order."""
    return list(_content(text))


@lru_cache(maxsize=4096)
def _content(text: str) -> tuple[str, ...]:
    return tuple(found for _, found, _ in telling(text, numbers(text)))


def telling(text: str, counted: Sequence[Number]) -> Iterator[tuple[int, str, str]]:
    """Yield place, stem and writing of the words that carry meaning; a unit is part of its number."""
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if word in STOP_WORDS or len(word) < 2:
            continue
        at = match.start()
        if counted:
            inside = any(number.start <= at < number.end for number in counted)
            behind = any(number.unit and 0 <= at - number.end <= _UNIT_REACH for number in counted)
            if inside or (behind and unit_of(word)):
                continue
        yield at, root(word), match.group()


@lru_cache(maxsize=4096)
def items(text: str) -> tuple[tuple[int, str, str], ...]:
    """Return place, item and writing of the words that carry meaning and of the numbers, in order."""
    counted = numbers(text)
    found = [(number.start, item_of(number), text[number.start : number.end]) for number in counted]
    told = [token for token in telling(text, counted) if token[2].lower() not in VAGUE]
    return tuple(sorted([*found, *told]))
