"""Vectors in PostgreSQL with the extension pgvector; needs the extra `postgres`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from ...errors import SettingsError, UnavailableError
from ..filters import Condition, is_empty, to_postgres
from .store import Unfiled

if TYPE_CHECKING:
    import numpy as np
    import psycopg
    from numpy.typing import NDArray
    from psycopg import sql

_BATCH = 250
"""Rows sent at once."""
_CONNECT_SECONDS = 10
_SEARCH = "SET LOCAL hnsw.ef_search = 200; SET LOCAL hnsw.iterative_scan = strict_order"
"""As wide as Chroma's; with a filter the scan goes on until enough rows meet it (pgvector 0.8 and later)."""


class PgVectorIndex:
    """A `VectorIndex` in PostgreSQL; each access class is a table of its own, with an HNSW graph.

    Args:
        url: ``postgresql://user:password@host/database``; the user may create the extension `vector`, or it
            is there.
        prefix: Of the tables' names.

    Raises:
        SettingsError: The URL names no host, or psycopg is not installed.
    """

    def __init__(self, url: str, prefix: str = "passages") -> None:
        try:
            import psycopg
        except ImportError as error:
            raise SettingsError(
                "A knowledge store in PostgreSQL needs psycopg.",
                "Install it: pip install 'limner[postgres]'.",
            ) from error
        self._driver = psycopg
        self._url, self._shown = url, _shown(url)
        self.prefix = prefix
        self.version = ""
        self._lock = threading.RLock()
        self._connection: psycopg.Connection[Any] | None = None
        self._made: set[int] = set()

    @property
    def exists(self) -> bool:
        """Whether there may be anything in it."""
        return True

    def close(self) -> None:
        """Close it; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._made.clear()

    def nearest(
        self,
        vector: NDArray[np.float32],
        limit: int,
        groups: Sequence[int],
        where: Sequence[Condition],
        version: str,
    ) -> list[str]:
        """Return ids of the passages nearest to `vector`, best first."""
        if is_empty(where):
            return []
        condition, values = to_postgres(where)
        wanted, found = json.dumps(vector.tolist()), list[tuple[float, str]]()
        with self._transaction() as connection:
            connection.execute(_SEARCH)
            for group in self._present(connection, groups):
                found += connection.execute(
                    self._sql(
                        f"SELECT embedding <=> %s::vector, id FROM {{}} WHERE true{condition} "
                        "ORDER BY 1 LIMIT %s",
                        group,
                    ),
                    (wanted, *values, limit),
                ).fetchall()
        return [name for _, name in sorted(found)[:limit]]

    def count(self, groups: Sequence[int]) -> int:
        """Return how many vectors of these access classes are filed."""
        with self._transaction() as connection:
            return sum(
                int(connection.execute(self._sql("SELECT count(*) FROM {}", group)).fetchall()[0][0])
                for group in self._present(connection, groups)
            )

    def file(self, vectors: Sequence[Unfiled]) -> None:
        """Put vectors in."""
        import numpy as np

        for group, rows in groupby(sorted(vectors, key=lambda row: row.group), lambda row: row.group):
            of_group = [(row.id, row.metadata, np.frombuffer(row.vector, dtype=np.float32)) for row in rows]
            values = [
                (name, json.dumps(facts), json.dumps(vector.tolist())) for name, facts, vector in of_group
            ]
            with self._transaction() as connection:
                self._make(connection, group, of_group[0][2].size)
                with connection.cursor() as cursor:
                    for first in range(0, len(values), _BATCH):
                        cursor.executemany(
                            self._sql(
                                "INSERT INTO {} VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE SET "
                                "facts = EXCLUDED.facts, embedding = EXCLUDED.embedding",
                                group,
                            ),
                            values[first : first + _BATCH],
                        )

    def drop(self, ids: Sequence[tuple[int, str]]) -> None:
        """Take vectors out."""
        with self._transaction() as connection:
            for group in self._present(connection, sorted({group for group, _ in ids})):
                names = [name for of, name in ids if of == group]
                connection.execute(self._sql("DELETE FROM {} WHERE id = ANY(%s)", group), (names,))

    def reset(self) -> None:
        """Throw everything away."""
        with self._transaction() as connection:
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = current_schema() AND starts_with(tablename, %s)",
                (f"{self.prefix}-",),
            ).fetchall():
                connection.execute(
                    self._driver.sql.SQL("DROP TABLE {}").format(self._driver.sql.Identifier(name))
                )
            self._made.clear()

    def _sql(self, text: str, group: int) -> sql.Composed:
        """Return a statement on the table of an access class."""
        return self._driver.sql.SQL(text).format(self._driver.sql.Identifier(f"{self.prefix}-{group}"))

    def _make(self, connection: psycopg.Connection[Any], group: int, width: int) -> None:
        """Make the table of an access class where it is not there."""
        if group in self._made:
            return
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(
            self._sql(
                "CREATE TABLE IF NOT EXISTS {} "
                f"(id text PRIMARY KEY, facts jsonb NOT NULL, embedding vector({width}) NOT NULL)",
                group,
            )
        )
        connection.execute(
            self._driver.sql.SQL(
                "CREATE INDEX IF NOT EXISTS {} ON {} USING hnsw (embedding vector_cosine_ops) "
                "WITH (m = 24, ef_construction = 200)"
            ).format(
                self._driver.sql.Identifier(f"{self.prefix}-{group}-near"),
                self._driver.sql.Identifier(f"{self.prefix}-{group}"),
            )
        )
        self._made.add(group)

    def _present(self, connection: psycopg.Connection[Any], groups: Sequence[int]) -> list[int]:
        """Return those access classes that have a table."""
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY(%s)",
            ([f"{self.prefix}-{group}" for group in groups],),
        ).fetchall()
        names = {row[0] for row in rows}
        return [group for group in groups if f"{self.prefix}-{group}" in names]

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """Hold the connection, opened where it is not, for one transaction."""
        with self._lock:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._driver.connect(
                        self._url, autocommit=True, connect_timeout=_CONNECT_SECONDS
                    )
                with self._connection.transaction():
                    yield self._connection
            except self._driver.Error as error:
                self.close()
                said = (str(error).splitlines() or [""])[0][:300]
                raise UnavailableError(
                    f"PostgreSQL at {self._shown!r} cannot be used: {type(error).__name__}: {said}.",
                    "Start it, give the user the extension 'vector', or correct [knowledge] store.",
                ) from error


def _shown(url: str) -> str:
    """Return a URL without what is secret in it.

    Raises:
        SettingsError: It names no host: libpq would look for one in the environment.
    """
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    host = parts.hostname or "".join(parse_qs(parts.query).get("host", []))
    if not host:
        raise SettingsError(
            "The knowledge store's PostgreSQL URL names no host.",
            "Write 'postgresql://user:password@host:5432/database'.",
        )
    return f"postgresql://{host}{port}{parts.path}"
