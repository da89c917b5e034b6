"""Documents, passages, words and vectors in one SQLite file: what the index knows is what is in here."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UnavailableError
from .passage import Document, Passage
from .split import Piece
from .terms import STOP_WORDS, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    path TEXT NOT NULL, root TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document TEXT NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, heading TEXT NOT NULL, page INTEGER, text TEXT NOT NULL, context TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS passages_of ON passages (document, start);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    text, context, content='passages', content_rowid='number',
    tokenize='porter unicode61 remove_diacritics 2');
CREATE TRIGGER IF NOT EXISTS words_in AFTER INSERT ON passages BEGIN
    INSERT INTO words (rowid, text, context) VALUES (new.number, new.text, new.context); END;
CREATE TRIGGER IF NOT EXISTS words_out AFTER DELETE ON passages BEGIN
    INSERT INTO words (words, rowid, text, context) VALUES ('delete', old.number, old.text, old.context); END;
CREATE TABLE IF NOT EXISTS vectors (number INTEGER PRIMARY KEY, vector BLOB NOT NULL, filed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS dropped (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_PASSAGE = "p.id, p.text, p.document, p.start, p.end, p.heading, p.page"
_QUERY_TERMS = 64


@dataclass(frozen=True, slots=True)
class Stored:
    """A document's row."""

    id: str
    sha256: str
    kind: str
    title: str
    path: str
    """Absolute path of the file; "" of a text that was handed over."""
    root: str
    """What was given to `add`: a folder, the file itself, or ""."""


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A passage that has no vector yet."""

    number: int
    text: str
    context: str


@dataclass(frozen=True, slots=True)
class Unfiled:
    """A vector that is not yet in the vector index."""

    number: int
    id: str
    document: str
    vector: bytes
    """float32, of length 1."""


class Store:
    """The SQLite file of an index; safe to share between threads and to read beside a writing process."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'dropped'"):
                with self.transaction():
                    for statement in _statements(_SCHEMA):
                        self._connection.execute(statement)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise UnavailableError(
                f"The index in {str(file.parent)!r} cannot be opened: {error}.",
                "Free space if the disk is full; else delete that folder and add the documents again.",
            ) from error

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing of what is inside."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """Return a fact about the index, or None."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact about the index."""
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def documents(self) -> list[Stored]:
        """Return every document, by id."""
        return [
            Stored(*row)
            for row in self._rows("SELECT id, sha256, kind, title, path, root FROM documents ORDER BY id")
        ]

    def text(self, document: str) -> str | None:
        """Return the stored text of a document, or None."""
        rows = self._rows("SELECT text FROM documents WHERE id = ?", document)
        return str(rows[0][0]) if rows else None

    def headings(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return ``(document id, heading path)``, each once, in the order of the texts."""
        rows = self._rows(
            "SELECT document, heading FROM passages GROUP BY document, heading ORDER BY document, MIN(start)"
        )
        return [(document, tuple(json.loads(heading))) for document, heading in rows if heading != "[]"]

    def put(self, document: Document, pieces: Sequence[Piece], sha256: str, path: str, root: str) -> None:
        """Put a document in place of the one with its id."""
        with self.transaction():
            self._drop(document.id)
            self._run(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(document.id, sha256, document.kind, document.title, path, root, document.text),
            )
            self._connection.executemany(
                "INSERT INTO passages (id, document, start, end, heading, page, text, context) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (p.id, p.source, p.start, p.end, json.dumps(p.heading), p.page, p.text, piece.context)
                    for piece in pieces
                    for p in [piece.passage]
                ],
            )

    def move(self, document: str, path: str, root: str) -> None:
        """Note where a document that did not change lies now."""
        self._run("UPDATE documents SET path = ?, root = ? WHERE id = ?", path, root, document)

    def remove(self, document: str) -> None:
        """Remove a document with its passages."""
        with self.transaction():
            self._drop(document)

    def _drop(self, document: str) -> None:
        of = "(SELECT number FROM passages WHERE document = ?)"
        self._run(f"INSERT OR IGNORE INTO dropped SELECT id FROM passages WHERE number IN {of}", document)
        self._run(f"DELETE FROM vectors WHERE number IN {of}", document)
        self._run("DELETE FROM passages WHERE document = ?", document)
        self._run("DELETE FROM documents WHERE id = ?", document)

    def passages(self, ids: Iterable[str]) -> dict[str, Passage]:
        """Return the passages with these ids, as far as there are any."""
        rows = self._in(f"SELECT {_PASSAGE} FROM passages p WHERE p.id IN", list(ids))
        return {row[0]: _passage(row) for row in rows}

    def passages_of(self, document: str) -> list[Passage]:
        """Return all passages of a document, in order."""
        rows = self._rows(
            f"SELECT {_PASSAGE} FROM passages p WHERE p.document = ? ORDER BY p.start", document
        )
        return [_passage(row) for row in rows]

    def match(
        self, query: str, limit: int, documents: Sequence[str] | None, heading_weight: float
    ) -> list[tuple[str, float]]:
        """Return ``(passage id, BM25)`` of passages with words of `query`, best first; higher is better."""
        asked = list(dict.fromkeys(words(query)))
        asked = [word for word in asked if word not in STOP_WORDS] or asked
        if not asked:
            return []
        terms = " OR ".join(f'"{word}"' for word in asked[:_QUERY_TERMS])
        within = "" if documents is None else "AND p.document IN (SELECT value FROM json_each(?))"
        rows = self._rows(
            "SELECT p.id, -bm25(words, 1.0, ?) AS score FROM words JOIN passages p ON p.number = words.rowid "
            f"WHERE words MATCH ? {within} ORDER BY score DESC, p.number LIMIT ?",
            *(heading_weight, terms, *([] if documents is None else [json.dumps(list(documents))]), limit),
        )
        return [(row[0], float(row[1])) for row in rows]

    def unembedded(self, limit: int) -> list[Unembedded]:
        """Return passages without a vector, in order."""
        rows = self._rows(
            "SELECT p.number, p.text, p.context FROM passages p LEFT JOIN vectors v ON v.number = p.number "
            "WHERE v.number IS NULL ORDER BY p.number LIMIT ?",
            limit,
        )
        return [Unembedded(*row) for row in rows]

    def put_vectors(self, vectors: Iterable[tuple[int, bytes]]) -> None:
        """Keep the vectors of passages, not yet filed in the vector index."""
        with self.transaction():
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, 0)", vectors)

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of passages, as far as there are any."""
        import numpy as np

        rows = self._in(
            "SELECT p.id, v.vector FROM passages p JOIN vectors v ON v.number = p.number WHERE p.id IN", ids
        )
        return {row[0]: np.frombuffer(row[1], dtype=np.float32) for row in rows}

    def unfiled(self, limit: int) -> list[Unfiled]:
        """Return vectors that are not in the vector index."""
        rows = self._rows(
            "SELECT p.number, p.id, p.document, v.vector FROM vectors v JOIN passages p "
            "ON p.number = v.number WHERE v.filed = 0 ORDER BY p.number LIMIT ?",
            limit,
        )
        return [Unfiled(*row) for row in rows]

    def count_unfiled(self) -> int:
        """Return how many vectors are not in the vector index."""
        return int(self._rows("SELECT COUNT(*) FROM vectors WHERE filed = 0")[0][0])

    def set_filed(self, numbers: Sequence[int]) -> None:
        """Note that these vectors are in the vector index."""
        self._in("UPDATE vectors SET filed = 1 WHERE number IN", numbers)

    def unfile_all(self) -> None:
        """Note that the vector index is empty."""
        with self.transaction():
            self._run("UPDATE vectors SET filed = 0")
            self._run("DELETE FROM dropped")

    def dropped(self) -> list[str]:
        """Return ids whose vectors are to be taken out of the vector index."""
        return [
            row[0] for row in self._rows("SELECT id FROM dropped WHERE id NOT IN (SELECT id FROM passages)")
        ]

    def clear_dropped(self) -> None:
        """Note that nothing is left to take out."""
        self._run("DELETE FROM dropped")

    def count(self, table: str) -> int:
        """Return the number of rows of `documents`, `passages` or `vectors`."""
        return int(self._rows(f"SELECT COUNT(*) FROM {table}")[0][0])

    def clear_vectors(self) -> None:
        """Forget every vector."""
        self._run("DELETE FROM vectors")

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def _run(self, statement: str, *values: Any) -> None:
        self._rows(statement, *values)

    def _in(self, statement: str, values: Sequence[str] | Sequence[int]) -> list[Any]:
        """Run a statement that ends in IN with a list of any length."""
        return self._rows(f"{statement} (SELECT value FROM json_each(?))", json.dumps(list(values)))


def _statements(script: str) -> Iterator[str]:
    """Divide a script at the ends of its statements: `executescript` would commit the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _passage(row: Any) -> Passage:
    found, text, source, start, end, heading, page = row
    return Passage(
        id=found,
        text=text,
        source=source,
        start=start,
        end=end,
        heading=tuple(json.loads(heading)),
        page=page,
    )
