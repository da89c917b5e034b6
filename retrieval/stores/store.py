"""Documents, passages, words and vectors in one SQLite file: what the index knows is what is in here."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..access import Access
from ..filters import Condition, chroma_metadata
from ..metadata import facts
from ..passage import Document, Passage
from ..split import Piece
from . import postings
from .database import Database

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PASSAGE = (
    "p.number, p.id, p.text, d.id, d.tenant, p.start, p.end, p.heading, p.page "
    "FROM passages p JOIN documents d ON d.number = p.document"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A document's row."""

    number: int
    id: str
    sha256: str
    path: str
    """Absolute path of the file; "" of a text that was handed over."""
    root: str
    """What was given to `add`: a folder, the file itself, or ""."""


@dataclass(frozen=True, slots=True)
class Put:
    """A document as it goes into the store."""

    document: Document
    pieces: Sequence[Piece]
    version: str
    """Changes with the content and with all that is stored beside it."""
    path: str
    root: str
    access: Access


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
    group: int
    """Access class, each of which has vectors of its own in the vector index."""
    metadata: dict[str, Any]
    vector: bytes
    """float32, of length 1."""


class Store(Database):
    """What is in an index; reads are given the access classes that they may see."""

    def meta(self, key: str) -> str | None:
        """Return a fact about the index, or None."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact about the index."""
        self.rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def name(self) -> str:
        """Return a name that no other index has, made the first time."""
        self.rows("INSERT OR IGNORE INTO meta VALUES ('name', ?)", f"limner-{secrets.token_hex(8)}")
        return str(self.meta("name"))

    def count(self, table: str) -> int:
        """Return the number of rows of `documents`, `passages` or `vectors`."""
        return int(self.rows(f"SELECT COUNT(*) FROM {table}")[0][0])

    def visible(self, reader: Access) -> tuple[int, ...]:
        """Return the access classes that a reader may see."""
        return tuple(
            number
            for number, tenant, roles in self.rows(
                "SELECT number, tenant, roles FROM classes ORDER BY number"
            )
            if reader.may_read(Access(tenant, frozenset(json.loads(roles))))
        )

    def groups(self) -> list[int]:
        """Return every access class that has passages."""
        return [row[0] for row in self.rows("SELECT DISTINCT class FROM passages ORDER BY class")]

    # -- documents

    def stored(self, tenant: str) -> list[Stored]:
        """Return the documents of one tenant, or with "" of none, by id."""
        rows = self.rows(
            "SELECT number, id, sha256, path, root FROM documents WHERE tenant = ? ORDER BY id", tenant
        )
        return [Stored(*row) for row in rows]

    def owned(self, tenant: str) -> dict[str, int]:
        """Return the ids of one tenant's documents, or with "" of nobody's, each with its passages."""
        return dict(
            self.rows(
                "SELECT d.id, COUNT(p.number) FROM documents d LEFT JOIN passages p ON p.document = d.number "
                "WHERE d.tenant = ? GROUP BY d.number ORDER BY d.id",
                tenant,
            )
        )

    def documents(self, classes: Sequence[int]) -> list[str]:
        """Return the ids of the documents of these classes, sorted."""
        rows = self.among("SELECT DISTINCT id FROM documents WHERE class IN", classes)
        return sorted(row[0] for row in rows)

    def find(self, document: str, classes: Sequence[int]) -> tuple[int, str, dict[str, Any]] | None:
        """Return number, stored text and metadata of a document; a tenant's own goes before another's."""
        rows = self.rows(
            "SELECT number, text, metadata FROM documents WHERE id = ? AND class IN "
            "(SELECT value FROM json_each(?)) ORDER BY tenant = '', tenant LIMIT 1",
            *(document, json.dumps(list(classes))),
        )
        return (rows[0][0], rows[0][1], json.loads(rows[0][2])) if rows else None

    def headings(self, classes: Sequence[int]) -> list[tuple[str, tuple[str, ...]]]:
        """Return ``(document id, heading path)``, each once, in the order of the texts."""
        rows = self.rows(
            "SELECT d.id, p.heading FROM passages p JOIN documents d ON d.number = p.document "
            "WHERE p.class IN (SELECT value FROM json_each(?)) GROUP BY d.id, d.tenant, p.heading "
            "ORDER BY d.id, d.tenant, MIN(p.start)",
            json.dumps(list(classes)),
        )
        return [(document, tuple(json.loads(heading))) for document, heading in rows if heading != "[]"]

    def put(self, new: Put) -> None:
        """Put a document in place of the one with its tenant and id; what stays the same keeps its vector."""
        document, tenant = new.document, new.access.tenant
        with self.transaction():
            old = self.rows("SELECT number FROM documents WHERE tenant = ? AND id = ?", tenant, document.id)
            known = self._drop(old[0][0]) if old else {}
            group = self._class(new.access)
            self.rows(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(old[0][0] if old else None, tenant, document.id, group, new.version, document.kind),
                *(document.title, new.path, new.root, json.dumps(dict(document.metadata)), document.text),
            )
            number = self.rows("SELECT last_insert_rowid()")[0][0]
            self.many(
                "INSERT OR IGNORE INTO facts VALUES (?, ?, ?)",
                [(field, value, number) for field, value in facts(document.metadata)],
            )
            passages, vectors, words = [], [], {}
            for piece in new.pieces:
                p, key = piece.passage, number_of(piece.passage.id)
                words[key] = postings.counted(p.text, piece.context)
                place = (p.start, p.end, json.dumps(p.heading), p.page)
                passages.append((key, p.id, number, group, *place, words[key][1], p.text, piece.context))
                if vector := known.get((p.text, piece.context)):
                    vectors.append((key, vector))
            self.many("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", passages)
            self.many("INSERT INTO vectors VALUES (?, ?, 0)", vectors)
            postings.put(self, number, group, words)

    def version_of(self, document: str, tenant: str) -> str | None:
        """Return the version of a tenant's document, or None."""
        rows = self.rows("SELECT sha256 FROM documents WHERE tenant = ? AND id = ?", tenant, document)
        return str(rows[0][0]) if rows else None

    def move(self, number: int, path: str, root: str) -> None:
        """Note where a document that did not change lies now."""
        self.rows("UPDATE documents SET path = ?, root = ? WHERE number = ?", path, root, number)

    def remove(self, number: int) -> None:
        """Remove a document with its passages."""
        with self.transaction():
            self._drop(number)

    def _class(self, access: Access) -> int:
        key = (access.tenant, json.dumps(sorted(access.roles)))
        self.rows("INSERT OR IGNORE INTO classes (tenant, roles) VALUES (?, ?)", *key)
        return int(self.rows("SELECT number FROM classes WHERE tenant = ? AND roles = ?", *key)[0][0])

    def _drop(self, number: int) -> dict[tuple[str, str], bytes]:
        """Take a document out and return the vectors of its passages by text and context."""
        rows = self.rows(
            "SELECT p.number, p.class, p.text, p.context, v.vector FROM passages p LEFT JOIN vectors v "
            "ON v.number = p.number WHERE p.document = ?",
            number,
        )
        for group in {row[1] for row in rows}:
            held = [term for _, _, text, above, _ in rows for term in postings.counted(text, above)[0]]
            postings.drop(self, number, group, [row[0] for row in rows], held)
        of = "(SELECT number FROM passages WHERE document = ?)"
        self.rows("INSERT OR IGNORE INTO dropped SELECT id, class FROM passages WHERE document = ?", number)
        self.rows(f"DELETE FROM vectors WHERE number IN {of}", number)
        self.rows("DELETE FROM passages WHERE document = ?", number)
        self.rows("DELETE FROM facts WHERE document = ?", number)
        self.rows("DELETE FROM documents WHERE number = ?", number)
        return {(text, above): vector for _, _, text, above, vector in rows if vector}

    # -- passages

    def passages(self, numbers: Iterable[int], classes: Sequence[int]) -> dict[int, Passage]:
        """Return the passages with these numbers, as far as they are of these classes."""
        rows = self.rows(
            f"SELECT {_PASSAGE} WHERE p.number IN (SELECT value FROM json_each(?)) "
            "AND p.class IN (SELECT value FROM json_each(?))",
            *(json.dumps(list(numbers)), json.dumps(list(classes))),
        )
        return {row[0]: _passage(row) for row in rows}

    def passages_of(self, document: int) -> list[Passage]:
        """Return all passages of the document with this number, in order."""
        rows = self.rows(f"SELECT {_PASSAGE} WHERE p.document = ? ORDER BY p.start", document)
        return [_passage(row) for row in rows]

    def match(
        self, query: str, limit: int, classes: Sequence[int], where: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return ``(number, BM25)`` of the passages with words of `query`, best first; higher is better."""
        return postings.match(self, query, limit, classes, where)

    # -- vectors

    def has_vectors(self, classes: Sequence[int]) -> bool:
        """Tell whether any passage of these classes has a vector."""
        return bool(
            self.rows(
                "SELECT 1 FROM passages p JOIN vectors v ON v.number = p.number WHERE p.class IN "
                "(SELECT value FROM json_each(?)) LIMIT 1",
                json.dumps(list(classes)),
            )
        )

    def unembedded(self, limit: int) -> list[Unembedded]:
        """Return passages without a vector."""
        rows = self.rows(
            "SELECT p.number, p.text, p.context FROM passages p LEFT JOIN vectors v ON v.number = p.number "
            "WHERE v.number IS NULL ORDER BY p.number LIMIT ?",
            limit,
        )
        return [Unembedded(*row) for row in rows]

    def put_vectors(self, vectors: Iterable[tuple[int, bytes]]) -> None:
        """Keep the vectors of passages, not yet filed in the vector index."""
        with self.transaction():
            self.many("INSERT OR REPLACE INTO vectors VALUES (?, ?, 0)", vectors)

    def vectors(self, numbers: Iterable[int]) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of passages, as far as there are any."""
        import numpy as np

        rows = self.among("SELECT number, vector FROM vectors WHERE number IN", numbers)
        return {number: np.frombuffer(vector, dtype=np.float32) for number, vector in rows}

    def unfiled(self, limit: int) -> list[Unfiled]:
        """Return vectors that are not in the vector index."""
        rows = self.rows(
            "SELECT p.number, p.id, p.class, d.id, d.title, d.kind, d.metadata, v.vector FROM vectors v "
            "JOIN passages p ON p.number = v.number JOIN documents d ON d.number = p.document "
            "WHERE v.filed = 0 ORDER BY v.number LIMIT ?",
            limit,
        )
        return [
            Unfiled(
                number, name, group, chroma_metadata(source, title, kind, facts(json.loads(known))), vector
            )
            for number, name, group, source, title, kind, known, vector in rows
        ]

    def count_unfiled(self) -> int:
        """Return how many vectors are not in the vector index."""
        return int(self.rows("SELECT COUNT(*) FROM vectors WHERE filed = 0")[0][0])

    def set_filed(self, numbers: Sequence[int]) -> None:
        """Note that these vectors are in the vector index."""
        self.among("UPDATE vectors SET filed = 1 WHERE number IN", numbers)

    def unfile_all(self) -> None:
        """Note that the vector index is empty."""
        with self.transaction():
            self.rows("UPDATE vectors SET filed = 0")
            self.rows("DELETE FROM dropped")

    def dropped(self) -> list[tuple[int, str]]:
        """Return ``(access class, id)`` of what is to be taken out of the vector index."""
        return list(
            self.rows(
                "SELECT o.class, o.id FROM dropped o WHERE NOT EXISTS "
                "(SELECT 1 FROM passages p WHERE p.id = o.id AND p.class = o.class) ORDER BY o.class, o.id"
            )
        )

    def clear_dropped(self) -> None:
        """Note that nothing is left to take out."""
        self.rows("DELETE FROM dropped")


def number_of(passage_id: str) -> int:
    """Return the row number of a passage: of 63 bits of its id's hash, so that every build gives the same."""
    return int.from_bytes(hashlib.sha256(passage_id.encode()).digest()[:8], "big") >> 1


def _passage(row: Sequence[Any]) -> Passage:
    _, found, text, source, tenant, start, end, heading, page = row
    return Passage(
        id=found,
        text=text,
        source=source,
        tenant=tenant,
        start=start,
        end=end,
        heading=tuple(json.loads(heading)),
        page=page,
    )
