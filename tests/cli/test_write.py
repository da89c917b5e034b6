"""`limner write`: what it prints, and what it leaves in --out."""

from __future__ import annotations

import contextlib
import html
import io
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from limner.cli import main

OUTFITTER = Path(__file__).resolve().parents[2] / "examples" / "outfitter" / "knowledge"
Call = Callable[..., Any]


@dataclass(frozen=True)
class Written:
    """One article, written once for the tests of this module."""

    data: dict[str, Any]
    out: Path

    @property
    def sentences(self) -> list[dict[str, Any]]:
        return [sentence for section in self.data["output"]["sections"] for sentence in section["sentences"]]

    @property
    def citations(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.data["citations"]}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("written")
    (folder / "brief.yaml").write_text("topic: How returns work\nsections: 3\nimages: 2\nkind: how-to\n")
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as stdout:
        patch.chdir(folder)
        patch.setenv("LIMNER_HOME", str(folder / "home"))
        patch.setenv("LIMNER_EMBEDDINGS__NAME", "")
        given = [
            "write",
            "brief.yaml",
            "--knowledge",
            str(OUTFITTER),
            "--model",
            "",
            "--out",
            "out",
            "--json",
        ]
        assert main([*given, "--seed", "7", "--deadline", "60"]) == 0
    yield Written(json.loads(stdout.getvalue()), folder / "out")


def test_json_is_the_object_that_is_promised(written: Written) -> None:
    data = written.data
    assert {"run_id", "status", "degraded", "output", "citations", "receipt", "usage"} <= data.keys()
    assert {"seconds", "trace_id"} <= data.keys()
    assert (data["status"], data["degraded"]) == ("completed", False)
    assert {"title", "path", "html_path", "sections", "images"} <= data["output"].keys()
    assert {"tokens_in", "tokens_out", "calls"} <= data["usage"].keys()
    assert re.fullmatch(r"[0-9a-f]{32}", data["trace_id"]) and 0 < data["seconds"] < 60
    assert data["output"]["title"] == "How returns work"
    for section in data["output"]["sections"]:
        assert {"title", "words", "sentences"} <= section.keys()
        assert section["words"] == sum(len(s["text"].split()) for s in section["sentences"]) > 0
    assert len(data["output"]["sections"]) == 3


def test_every_path_is_absolute_and_there(written: Written) -> None:
    output = written.data["output"]
    for name in (output["path"], output["html_path"], *(image["path"] for image in output["images"])):
        assert Path(name).is_absolute() and Path(name).stat().st_size > 0


def test_every_citation_is_the_slice_of_its_source(written: Written) -> None:
    checked = 0
    for row in written.data["citations"]:
        assert list(row) == ["id", "source", "quote", "start", "end"]
        assert row["end"] - row["start"] == len(row["quote"]) > 0
        if row["source"].endswith(".md"):
            text = (OUTFITTER / row["source"]).read_bytes().decode()
            assert text[row["start"] : row["end"]] == row["quote"]
            checked += 1
    assert checked
    assert len(written.citations) == len(written.data["citations"])


def test_every_sentence_stands_word_for_word_in_a_passage_that_it_cites(written: Written) -> None:
    cited = set()
    for sentence in written.sentences:
        assert {"text", "citations", "support"} <= sentence.keys() and sentence["support"] == "supported"
        assert sentence["citations"] and not re.search(r"\[\d+\]", sentence["text"])
        quotes = [" ".join(written.citations[name]["quote"].split()) for name in sentence["citations"]]
        assert any(sentence["text"] in quote for quote in quotes)
        cited.update(sentence["citations"])
    assert cited == written.citations.keys()


def test_a_receipt_row_tells_who_made_what(written: Written) -> None:
    promised = {"step", "source", "attempts", "reasons", "model", "tokens_in", "tokens_out", "seconds"}
    for row in written.data["receipt"]:
        assert promised <= row.keys()
        assert row["source"] in {"model", "repaired", "selected", "rendered", "cached", "fallback"}
    assert {"plan", "review", "picture"} <= {row["step"] for row in written.data["receipt"]}


def test_pictures_are_what_their_rows_say(written: Written) -> None:
    rows = written.data["output"]["images"]
    assert len(rows) == 2
    for number, row in enumerate(rows):
        assert list(row) == ["path", "width", "height", "source", "seed", "model", "alt"]
        assert (row["source"], row["model"], row["seed"]) == ("rendered", None, 7 + number)
        assert row["alt"]
        with Image.open(row["path"]) as picture:
            assert picture.size == (row["width"], row["height"])


def test_the_out_folder_is_complete_and_agrees_with_the_json(written: Written) -> None:
    files = {path.relative_to(written.out).as_posix() for path in written.out.rglob("*") if path.is_file()}
    pictures = {"images/01.png", "images/02.png"}
    texts = {"article.md", "article.html", "article.pdf", "receipt.json", "trace.jsonl"}
    assert files == {*texts, *pictures}
    receipt = json.loads((written.out / "receipt.json").read_text())
    assert receipt["receipt"] == written.data["receipt"] and receipt["run_id"] == written.data["run_id"]
    spans = [json.loads(line) for line in (written.out / "trace.jsonl").read_text().splitlines()]
    assert {span["trace_id"] for span in spans} == {written.data["trace_id"]}
    page = html.unescape((written.out / "article.html").read_text())
    markdown = (written.out / "article.md").read_text().replace("\\", "")
    for sentence in written.sentences:
        assert sentence["text"] in page and sentence["text"].replace("\\", "") in markdown
    assert not re.search(r'(?:src|href)="(?!data:|#)', page), "the page loads something"


def test_people_get_the_page_on_standard_output_and_the_rest_beside_it(docs: Path, limner: Call) -> None:
    done = limner("write", "How long may I return boots?", "--knowledge", docs)
    assert done.code == 0
    page = Path(done.out.strip())
    assert done.out.count("\n") == 1 and page.is_absolute() and page.name == "article.html"
    assert page.parent.parent == Path.cwd() and page.parent.name.startswith("content-")
    assert re.search(r"complete: \d sections?, \d+ words, 1 picture, \d+\.\d s", done.err)
    assert "plan         fallback" in done.err and "picture      rendered" in done.err


def test_an_out_folder_that_is_there_is_written_over(docs: Path, limner: Call) -> None:
    Path("out").mkdir()
    Path("out/article.md").write_text("old")
    Path("out/mine.txt").write_text("mine")
    write = ("write", "Returns", "--knowledge", docs, "--out", "out", "--images", 0)
    assert limner(*write).code == limner(*write).code == 0
    assert Path("out/article.md").read_text().startswith("# Returns")
    assert Path("out/mine.txt").read_text() == "mine"
    assert not list(Path("out").rglob(".*"))


def test_images_on_the_command_line_win_over_the_brief(docs: Path, limner: Call) -> None:
    Path("brief.json").write_text('{"topic": "Returns", "images": 3}')
    made = limner("write", "brief.json", "--knowledge", docs, "--images", 0, "--json").json
    assert made["output"]["images"] == []


def test_a_brief_comes_from_standard_input(docs: Path, limner: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("topic: Returns of boots\nimages: 0\n"))
    assert limner("write", "-", "--knowledge", docs, "--json").json["output"]["title"] == "Returns of boots"


def test_several_knowledge_paths_are_one_private_index(docs: Path, limner: Call, home: Path) -> None:
    wool = OUTFITTER / "care-wool.md"
    given = ("--knowledge", docs, "--knowledge", wool, "--images", 0, "--json")
    made = limner("write", "Returns and care of wool", *given).json
    assert {row["source"] for row in made["citations"]} == {"returns.md", "care-wool.md"}
    assert limner("knowledge", "list", "--json").json == []


def test_the_stored_knowledge_base_serves_where_no_path_is_given(docs: Path, limner: Call) -> None:
    assert limner("knowledge", "add", docs).code == 0
    made = limner("write", "Returns", "--images", 0, "--json").json
    assert {row["source"] for row in made["citations"]} == {"returns.md"}


def test_ungrounded_text_is_labelled_wherever_it_is_read(limner: Call) -> None:
    done = limner("write", "Returns", "--ungrounded", "--images", 0, "--out", "out", "--json")
    output = done.json["output"]
    assert done.code == 0 and done.json["citations"] == []
    assert {s["support"] for section in output["sections"] for s in section["sentences"]} == {"ungrounded"}
    assert output["grounded"] is False
    assert "Not grounded" in Path("out/article.md").read_text()
    assert "Not grounded" in Path("out/article.html").read_text()


def test_a_degraded_article_says_so(docs: Path, limner: Call) -> None:
    Path("script.json").write_text('["not what was asked for"]')
    write = ("write", "Returns", "--knowledge", docs, "--model", "scripted:script.json", "--images", 0)
    assert limner(*write, "--json").json["degraded"] is True
    done = limner(*write)
    assert done.code == 0 and "degraded: " in done.err


def test_a_recorded_article_is_written_again_from_its_cassette(docs: Path, limner: Call) -> None:
    Path("script.json").write_text('["not what was asked for"]')
    write = ("write", "Returns", "--knowledge", docs, "--images", 0)
    first = limner(*write, "--model", "scripted:script.json", "--record", "calls.jsonl", "--out", "a")
    again = limner(*write, "--model", "cassette:calls.jsonl", "--out", "b", "--json")
    assert first.code == again.code == 0
    assert {row["model"] for row in again.json["receipt"]} <= {"scripted", None}
    assert "cassette" not in str(again.json["receipt"])
    assert Path("a/article.md").read_bytes() == Path("b/article.md").read_bytes()
    assert "Name one" in limner(*write, "--model", "", "--record", "calls.jsonl").err


def test_missing_embeddings_degrade_the_run_and_say_what_to_pull(
    docs: Path, limner: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIMNER_EMBEDDINGS__NAME", "all-minilm-l6-v2")
    monkeypatch.setenv("LIMNER_MODELS", str(tmp_path / "nothing"))
    done = limner("write", "Returns", "--knowledge", docs, "--images", 0)
    assert done.code == 0
    assert "degraded" in done.err and "limner models pull all-minilm-l6-v2" in done.err


def test_a_very_short_deadline_still_gives_a_whole_answer(docs: Path, limner: Call) -> None:
    done = limner("write", "Returns", "--knowledge", docs, "--deadline", "0.05", "--out", "out", "--json")
    assert done.code == 0 and done.json["status"] == "completed"
    assert done.json["seconds"] < 2 and Path("out/article.html").exists()


def test_no_socket_opens_in_a_whole_write(docs: Path, limner: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError(f"a socket was opened: {arguments}")

    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "x" * 20)
    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert limner("write", "Returns", "--knowledge", docs, "--out", "out").code == 0
    assert limner("knowledge", "search", "boots", "--knowledge", docs).code == 0


def test_a_name_that_is_no_text_is_no_obstacle(docs: Path, limner: Call) -> None:
    (docs / "returns.md").rename(docs / "zurückgeben ‹1› [x].md")
    made = limner("write", "Returns", "--knowledge", docs, "--images", 0, "--out", "out [1]", "--json").json
    assert {row["source"] for row in made["citations"]} == {"zurückgeben ‹1› [x].md"}
