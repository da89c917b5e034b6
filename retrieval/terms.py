"""Words, stems and how much a word tells: the vocabulary that search and verification share."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LINK = re.compile(r"!?\[([^\]\n]{0,500})\]\([^)\s]{0,2000}(?:\s+\"[^\"\n]{0,500}\")?\)")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")

_STOP_WORDS = """
a about above after again against all also am among an and any are aren't as at be because been before
being below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't
down during each either else ever every few for from further get gets got had hadn't has hasn't have
haven't having he her here hers herself him himself his how however i i'm if in into is isn't it it's
its itself just let's like may me might more most must my myself neither no nor not now of off on once
one only or other ought our ours ourselves out over own per please same shall she should shouldn't since
so some such than that that's the their theirs them themselves then there there's these they this those
though through thus to too under unless until up upon us very via was wasn't we we're were weren't what
what's when where whether which while who whom whose why will with within without won't would wouldn't
yes yet you you're your yours yourself yourselves
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that carry no meaning of their own."""

_IRREGULAR = """
arise arose arisen; be been; become became; begin began begun; bend bent; bind bound; bite bit bitten;
blow blew blown; break broke broken; bring brought; build built; buy bought; catch caught; choose chose
chosen; come came; cost cost; deal dealt; draw drew drawn; drive drove driven; eat ate eaten; fall fell
fallen; feed fed; feel felt; fight fought; fly flew flown; forbid forbade forbidden; forget forgot
forgotten; freeze froze frozen; get got gotten; give gave given; go went gone goes; grow grew grown; hang
hung; hear heard; hide hid hidden; hold held; keep kept; know knew known; lead led; leave left; lend
lent; lie lay lain; light lit; lose lost; make made; mean meant; meet met; pay paid; ride rode ridden;
rise rose risen; run ran; say said; see saw seen; seek sought; sell sold; send sent; shake shook shaken;
show shown; shoot shot; shrink shrank shrunk; sing sang sung; sink sank sunk; sleep slept; speak spoke
spoken; spend spent; stand stood; steal stole stolen; stick stuck; strike struck; swear swore sworn;
swim swam swum; take took taken; tear tore torn; teach taught; tell told; think thought; throw threw
thrown; understand understood; wake woke woken; wear wore worn; win won; withdraw withdrew withdrawn;
write wrote written; child children; man men; woman women; person people; foot feet; tooth teeth; mouse
mice; employ employee employees
"""
_LEMMAS = {form: forms[0] for row in _IRREGULAR.split(";") for forms in [row.split()] for form in forms[1:]}

IRREGULAR = frozenset(_LEMMAS)
"""Irregular forms of verbs (and of a few nouns)."""


def lemma_of(word: str) -> str:
    """Return the first form of an irregular word in lower case; any other word as it is."""
    return _LEMMAS.get(word, word)


def plain(text: str) -> str:
    """Drop what is mark-up and no word: targets of links, tags, emphasis, code marks."""
    return re.sub(r"[*`]+", "", _TAG.sub(" ", _LINK.sub(r"\1", text)))


def words(text: str) -> list[str]:
    """Return the words of `text` in lower case, in order; numbers are words."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the English stem of one lower-case word; a possessive counts as its owner."""
    word = word.removesuffix("'s")
    prefix = "un" if word.startswith("un") and word[2:] in _LEMMAS else ""  # unpaid is the opposite of paid
    word = word.removeprefix(prefix)
    return prefix + str(_stemmers().english.stemWord(_LEMMAS.get(word, word)))


def stems(text: str) -> list[str]:
    """Return the stems of all words of `text`, in order."""
    return [stem(word) for word in words(text)]


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in order, repeats included."""
    return [
        stem(word) for word in words(text) if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]


class _Stemmers(threading.local):
    """One stemmer a thread: a Snowball stemmer keeps the word it works on in itself."""

    def __init__(self) -> None:
        import snowballstemmer

        self.english: Any = snowballstemmer.stemmer("english")


@lru_cache(maxsize=1)
def _stemmers() -> _Stemmers:
    return _Stemmers()


class Weights:
    """Inverse document frequency of stems over a handful of texts, always above 0."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        self._seen: dict[str, int] = {}
        for text in texts:
            for found in set(content_stems(text)):
                self._seen[found] = self._seen.get(found, 0) + 1

    def of(self, found: str) -> float:
        """Return the weight of one stem; a stem never seen weighs most."""
        return math.log(1 + (self._count + 1) / (self._seen.get(found, 0) + 0.5))

    def coverage(self, asked: Iterable[str], given: Iterable[str]) -> float:
        """Return the share, 0 to 1, of the weight of `asked` that `given` holds; 0 where nothing is asked."""
        wanted = set(asked)
        total = sum(self.of(found) for found in wanted)
        return sum(self.of(found) for found in wanted & set(given)) / total if total else 0.0

    def similarity(self, left: Iterable[str], right: Iterable[str]) -> float:
        """Return a likeness, 0 to 1: the weighted cosine of two sets of stems."""
        one, two = set(left), set(right)
        norm = math.sqrt(sum(self.of(s) ** 2 for s in one) * sum(self.of(s) ** 2 for s in two))
        return sum(self.of(found) ** 2 for found in one & two) / norm if norm else 0.0
