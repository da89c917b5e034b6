"""Slips of the pen: a word that nobody uses, one slip away from a word that is used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ...retrieval.terms import STOP_WORDS

SHORTEST = 5
"""Letters from which a word is corrected: of shorter ones too many are alike."""
LEAST_HALF = 4
"""Letters of each of two words that were run together: "giftcards"."""
_WORD = re.compile(r"(?<![\w@.-])[a-z]+(?![\w@-])")


class Speller:
    """Corrects small words that it does not know to the nearest that it knows. Deterministic.

    Args:
        texts: The words that are known, such as the examples of the intents; those first win a tie.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        found = (word for text in texts for word in re.findall(r"[a-z]+", text.lower()))
        self._known = dict.fromkeys(found)
        self._targets = [word for word in self._known if len(word) >= SHORTEST]

    def correct(self, text: str, also: Collection[str] = ()) -> str:
        """Return the text with the words that are one slip off put right; a swap of two letters is one.

        Two words that were run together are parted. Words in `also` stay as they are.
        """
        return _WORD.sub(
            lambda match: match[0] if match[0] in also else self._parted(self._nearest(match[0])), text
        )

    def _parted(self, word: str) -> str:
        if word in self._known:
            return word
        halves = ((word[:cut], word[cut:]) for cut in range(LEAST_HALF, len(word) - LEAST_HALF + 1))
        return next((f"{a} {b}" for a, b in halves if a in self._known and b in self._known), word)

    def _nearest(self, word: str) -> str:
        if len(word) < SHORTEST or word in self._known or word in STOP_WORDS:
            return word
        # an ending is no slip
        targets = [target for target in self._targets if not _inflected(word, target)]
        found = process.extractOne(word, targets, scorer=OSA.distance, score_cutoff=1)
        return str(found[0]) if found is not None else word


def _inflected(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(long) > len(short) and long.startswith(short)
