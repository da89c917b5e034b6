"""Vectors on disk: bounded, shared between processes, and never believed where they are broken."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from limner.models.vector_cache import VectorCache, key_of

KEYS = [key_of("model", str(number)) for number in range(1000)]
ROW = np.arange(384, dtype=np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "vectors.sqlite"


def test_a_vector_comes_back_bit_for_bit(path: Path) -> None:
    row = np.array([0.1, -1e-30, np.float32(1) / 3], np.float32)
    cache = VectorCache(path)
    cache.put({KEYS[0]: row})
    assert cache.get(KEYS[:2]).keys() == {KEYS[0]}
    assert VectorCache(path).get([KEYS[0]])[KEYS[0]].tobytes() == row.tobytes()
    assert (cache.hits, cache.misses) == (1, 1)
    assert path.stat().st_mode & 0o077 == 0


def test_keys_tell_models_and_texts_apart() -> None:
    assert len({key_of("a", "b", "c"), key_of("a", "bc"), key_of("ab", "c"), key_of("a", "b", "c ")}) == 4
    assert key_of("a", "\ud800")


def test_the_longest_unused_make_room(path: Path) -> None:
    clock = [0.0]
    cache = VectorCache(path, most_mb=0.5, now=lambda: clock[0])
    for number, key in enumerate(KEYS):
        clock[0] = number * 4000.0
        cache.put({key: ROW})
        cache.get(KEYS[:1])
    assert path.stat().st_size < 1e6
    found = cache.get(KEYS)
    assert 100 < len(found) < 400
    assert {KEYS[0], KEYS[-1]} <= found.keys() and KEYS[1] not in found


def test_a_file_that_is_no_database_is_made_anew(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, whatever its name says" * 100)
    cache = VectorCache(path)
    assert cache.get(KEYS[:1]) == {}
    cache.put({KEYS[0]: ROW})
    assert cache.get(KEYS[:1]).keys() == {KEYS[0]}
    assert "left out" in caplog.text


def test_damage_in_the_middle_costs_vectors_and_nothing_else(path: Path) -> None:
    cache = VectorCache(path)
    cache.put(dict.fromkeys(KEYS, ROW))
    cache.close()
    damaged = bytearray(path.read_bytes())
    for place in range(5000, len(damaged), 3000):
        damaged[place : place + 600] = b"\xff" * 600
    path.write_bytes(damaged)
    cache = VectorCache(path)
    assert all(row.tobytes() == ROW.tobytes() for row in cache.get(KEYS).values())
    cache.put({KEYS[0]: ROW})
    cache.put({KEYS[0]: ROW})
    assert cache.get(KEYS[:1]).keys() == {KEYS[0]}


def test_a_row_that_was_changed_counts_as_absent(path: Path) -> None:
    cache = VectorCache(path)
    cache.put({KEYS[0]: ROW, KEYS[1]: ROW})
    with sqlite3.connect(path) as file:
        file.execute("UPDATE vectors SET vector = zeroblob(1536) WHERE key = ?", (KEYS[0],))
    assert cache.get(KEYS[:2]).keys() == {KEYS[1]}


def test_a_folder_that_cannot_be_written_means_computing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = VectorCache(tmp_path / "file" / "vectors.sqlite")
    cache.put({KEYS[0]: ROW})
    assert cache.get(KEYS[:1]) == {}


@pytest.mark.slow
def test_several_processes_write_one_file(path: Path) -> None:
    script = (
        "import sys, numpy as np\nfrom pathlib import Path\n"
        "from limner.models.vector_cache import VectorCache, key_of\n"
        "cache = VectorCache(Path(sys.argv[1]))\n"
        "for n in range(200): cache.put({key_of(sys.argv[2], str(n)): np.full(384, n, np.float32)})\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = VectorCache(path).get(key_of(name, str(n)) for name in "abc" for n in range(200))
    assert len(found) == 600
