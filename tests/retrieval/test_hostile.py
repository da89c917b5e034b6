"""Files that attack whoever reads them: each is named in one line, and the rest is indexed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limner.errors import DocumentError, InputError
from limner.retrieval import KnowledgeBase
from limner.retrieval.formats import isolated
from limner.retrieval.formats.isolated import Reader

from .test_load import docx, epub, pdf


def test_each_hostile_file_is_named_and_the_rest_is_indexed(tmp_path: Path, docs: Path) -> None:
    (tmp_path / "secret.txt").write_text("A secret outside of the folder.", "utf-8")
    whole = pdf([[(11, "A whole page about shoes.")]])
    hostile = {
        "poisoned.pdf": whole.replace(b"/Count 1", b"/Count 99999999")[: len(whole) // 2],
        "bomb.docx": docx("", **{"word/extra.xml": " " * 60_000_000}),
        "bomb.epub": epub({"one": "x" * 60_000_000}),
        "picture.md": b"\x89PNG\r\n\x1a\n\x00\x00",
    }
    for name, data in hostile.items():
        (docs / name).write_bytes(data)
    os.mkfifo(docs / "pipe.txt")
    (docs / "out.txt").symlink_to(tmp_path / "secret.txt")
    (docs / "loop.txt").symlink_to(docs / "loop.txt")
    (docs / "guides/again").symlink_to(docs, target_is_directory=True)
    with KnowledgeBase(tmp_path / "kb") as kb:
        began = time.monotonic()
        added = kb.add(docs)
        assert time.monotonic() - began < 60
        assert added.documents == 3 and kb.search("unworn shoes")[0].source == "returns.md"
        named = {*hostile, "pipe.txt", "out.txt", "loop.txt", "guides/again"}
        assert {skipped.document for skipped in added.skipped} == named
        assert all(skipped.reason and "\n" not in skipped.reason for skipped in added.skipped)
        assert all("secret" not in kb.text(name) for name in kb.documents())
        with pytest.raises(InputError):
            kb.add(docs, strict=True)
        with pytest.raises(InputError, match="neither a file nor a folder"):
            kb.add(docs / "pipe.txt")
        assert len(kb.documents()) == 3


@pytest.mark.slow
def test_a_line_of_ten_megabytes_is_indexed_and_found(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "line.txt").write_text("word " * 2_000_000 + "and one needle.", "utf-8")
    (folder / "other.md").write_text("Another text about shoes.", "utf-8")
    with KnowledgeBase(tmp_path / "kb") as kb:
        assert kb.add(folder).documents == 2
        found = kb.search("needle", k=1)[0]
        assert found.source == "line.txt" and len(found.text) < 3000


def test_a_tree_too_deep_is_cut_off_and_said(tmp_path: Path) -> None:
    deep = tmp_path / "docs"
    (deep / "/".join("d" * 80)).mkdir(parents=True)
    (deep / "/".join("d" * 80) / "far.txt").write_text("Too far down.", "utf-8")
    (deep / "near.txt").write_text("Near enough to be read.", "utf-8")
    with KnowledgeBase(tmp_path / "kb") as kb:
        added = kb.add(deep)
        assert kb.documents() == ["near.txt"] and "deep" in added.skipped[0].reason


def test_a_parser_that_hangs_or_dies_costs_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([[(11, "A whole page about shoes.")]]))
    with Reader() as reader:
        assert "shoes" in reader.read(tmp_path / "a.pdf", "a.pdf").text
        process = reader._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        reader._seconds = 0.3
        with pytest.raises(DocumentError, match=r"not read within 0\.3 seconds"):
            reader.read(tmp_path / "a.pdf", "a.pdf")
        reader._seconds = 60
        assert "shoes" in reader.read(tmp_path / "a.pdf", "a.pdf").text
        process = reader._process
        assert process is not None
        process.kill()
        process.wait()
        with pytest.raises(DocumentError, match=r"crashed its reader \(exit -9\)"):
            reader.read(tmp_path / "a.pdf", "a.pdf")
        assert "shoes" in reader.read(tmp_path / "a.pdf", "a.pdf").text


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_a_parser_that_swells_costs_one_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.html").write_text("<p>Shoes that fit well.</p>" * 10, "utf-8")
    code = (
        "from limner.retrieval.formats import isolated\n"
        "isolated.load = lambda *_: bytearray(10**11)\n"
        "isolated._main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input='{"path": "a.html", "document": "a.html", "max_mb": 50}\n',
        capture_output=True,
        text=True,
    )
    assert "takes too much memory" in done.stdout
    assert isolated.MEMORY_MB < 100_000
