"""The word index: BM25 over just the passages that a reader may see.

Not FTS5: its BM25 counts every row of a table, so that hidden documents would show in the scores of visible
ones. Here the number of passages, their mean length and how many hold a word are those of the access classes
asked for. Kept in SQLite beside the passages and changed in the same transactions: a row holds one term in up
to `_BLOCK` documents of one class, so that a query reads few rows and a changed document rewrites small ones.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..filters import Condition, to_sql
from ..terms import STOP_WORDS, stem, words

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = """
CREATE TABLE IF NOT EXISTS postings (
    term TEXT NOT NULL, class INTEGER NOT NULL, block INTEGER NOT NULL, entries BLOB NOT NULL,
    PRIMARY KEY (term, class, block)) WITHOUT ROWID;
"""
_BLOCK = 64
_ENTRY = [("passage", "<i8"), ("times", "<u2"), ("length", "<u2")]
_MOST = 65_535
_QUERY_TERMS = 64
_LONGEST_TERM = 64
_K1, _B = 1.2, 0.75
"""Of BM25: how soon repeats stop counting, and how much length does."""
_LEAST = 1e-6
"""Weight of a word that more than half of the passages hold."""


class Rows(Protocol):
    """What is needed of a database."""

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement and return its rows."""

    def many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of values."""


def counted(text: str, context: str) -> tuple[Counter[str], int]:
    """Return how often each term stands in a passage and its headings, and their length in words."""
    found = terms(f"{context}\n{text}")
    return Counter(found), len(found)


def terms(text: str) -> list[str]:
    """Return what a text is indexed by: the stems of its words, accents dropped."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [stem(word[:_LONGEST_TERM]) for word in words(text)]


def put(database: Rows, document: int, group: int, passages: Mapping[int, tuple[Counter[str], int]]) -> None:
    """Put the passages of a document in, given by number as `counted` counts them."""
    import numpy as np

    new: dict[str, list[tuple[int, int, int]]] = {}
    for number, (held, length) in passages.items():
        for term, times in held.items():
            new.setdefault(term, []).append((number, min(times, _MOST), min(length, _MOST)))
    block = document // _BLOCK
    old = _of_block(database, new, group, block)
    database.many(
        "INSERT OR REPLACE INTO postings VALUES (?, ?, ?, ?)",
        [
            (term, group, block, old.get(term, b"") + np.array(rows, dtype=_ENTRY).tobytes())
            for term, rows in new.items()
        ],
    )


def drop(database: Rows, document: int, group: int, passages: Sequence[int], held: Iterable[str]) -> None:
    """Take the passages of a document out, which hold the terms `held`."""
    import numpy as np

    block = document // _BLOCK
    kept = {}
    for term, entries in _of_block(database, held, group, block).items():
        rows = np.frombuffer(entries, dtype=_ENTRY)
        kept[term] = rows[~np.isin(rows["passage"], passages)].tobytes()
    database.many(
        "INSERT OR REPLACE INTO postings VALUES (?, ?, ?, ?)",
        [(term, group, block, entries) for term, entries in kept.items() if entries],
    )
    database.many(
        "DELETE FROM postings WHERE term = ? AND class = ? AND block = ?",
        [(term, group, block) for term, entries in kept.items() if not entries],
    )


def _of_block(database: Rows, held: Iterable[str], group: int, block: int) -> dict[str, bytes]:
    rows = database.rows(
        "SELECT term, entries FROM json_each(?) asked CROSS JOIN postings ON term = asked.value "
        "AND class = ? AND block = ?",
        *(json.dumps(list(dict.fromkeys(held))), group, block),
    )
    return dict(rows)


def match(
    database: Rows, query: str, limit: int, classes: Sequence[int], where: Sequence[Condition]
) -> list[tuple[int, float]]:
    """Return ``(number of passage, BM25)`` of the best passages of these classes, best first."""
    import numpy as np

    asked = list(dict.fromkeys(words(query)))
    asked = [word for word in asked if word not in STOP_WORDS] or asked
    wanted = list(dict.fromkeys(terms(" ".join(asked))))[:_QUERY_TERMS]
    if not wanted or not classes:
        return []
    visible = json.dumps(list(classes))
    count, total = database.rows(
        "SELECT COUNT(*), SUM(length) FROM passages WHERE class IN (SELECT value FROM json_each(?))", visible
    )[0]
    numbers, scores = [], []
    for term in wanted:
        blobs = database.rows(
            "SELECT entries FROM json_each(?) seen CROSS JOIN postings ON term = ? AND class = seen.value",
            *(visible, term),
        )
        if blobs:
            rows = np.frombuffer(b"".join(blob for (blob,) in blobs), dtype=_ENTRY)
            weight = max(_LEAST, math.log((count - len(rows) + 0.5) / (len(rows) + 0.5)))
            times = rows["times"].astype(np.float64)
            damping = _K1 * (1 - _B + _B * rows["length"] * count / max(total, 1))
            numbers.append(rows["passage"])
            scores.append(weight * times * (_K1 + 1) / (times + damping))
    if not numbers:
        return []
    found, place = np.unique(np.concatenate(numbers), return_inverse=True)
    summed = np.bincount(place, weights=np.concatenate(scores))
    if where:
        within, values = to_sql(where, "document")
        allowed = database.rows(f"SELECT number FROM passages WHERE 1 {within}", *values)
        inside = np.isin(found, np.array(allowed, dtype=np.int64).ravel())
        found, summed = found[inside], summed[inside]
    best = np.lexsort((found, -summed))[:limit]
    return [(int(found[at]), float(summed[at])) for at in best]
