"""Whatever is wrong with what was passed in: exit code 2, one line, and nothing left behind."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError

Call = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def untouched(workplace: Path, home: Path) -> Callable[[], bool]:
    """Tells whether there is no run, and nothing new in the working folder, since the test asked first."""
    before: list[set[Path]] = []

    def unchanged() -> bool:
        now = set(workplace.rglob("*"))
        if not before:
            before.append(now)
        return now == before[0] and not any((home / "runs").glob("*"))

    return unchanged


def locked_pdf(path: Path) -> Path:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), encrypt=StandardEncryption("secret", strength=128))
    canvas.drawString(72, 720, "Unworn boots may be returned within 45 days.")
    canvas.save()
    return path


def make_missing(folder: Path) -> Path:
    return folder / "nowhere"


def make_empty_folder(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def make_empty_pdf(folder: Path) -> Path:
    (folder / "empty.pdf").touch()
    return folder / "empty.pdf"


def make_locked_pdf(folder: Path) -> Path:
    return locked_pdf(folder / "locked.pdf")


def make_large(folder: Path) -> Path:
    with (folder / "large.md").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    return folder / "large.md"


def make_binary(folder: Path) -> Path:
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    return folder / "picture.md"


@pytest.mark.parametrize(
    ("make", "says", "remedy"),
    [
        (make_missing, "nowhere' does not exist", "Check the path"),
        (make_empty_folder, "empty' holds no document", "Put files into it"),
        (make_empty_pdf, "'empty.pdf' is empty (0 bytes)", "Give a file with text"),
        (make_locked_pdf, "'locked.pdf' is protected by a password", "without the password"),
        (make_large, "'large.md' has 209.7 MB; the limit is 50 MB", "max_file_mb"),
        (make_binary, "'picture.md' is binary", "Give text"),
    ],
    ids=["missing", "empty-folder", "empty-pdf", "locked-pdf", "large", "binary"],
)
class TestADocumentThatCannotBeRead:
    def test_named_itself_it_is_refused(
        self, make: Callable[[Path], Path], says: str, remedy: str, workplace: Path, refused: Refused
    ) -> None:
        line = refused("write", "Returns", "--knowledge", make(workplace), "--out", "out")
        assert says in line and remedy in line
        assert not (workplace / "out").exists()

    def test_no_run_is_left_behind(
        self,
        make: Callable[[Path], Path],
        says: str,
        remedy: str,
        workplace: Path,
        untouched: Callable[[], bool],
        limner: Call,
    ) -> None:
        path = make(workplace)
        untouched()
        assert limner("write", "Returns", "--knowledge", path, "--json").error["message"].count(path.name)
        assert untouched()

    def test_it_is_refused_by_the_stored_knowledge_base_too(
        self, make: Callable[[Path], Path], says: str, remedy: str, workplace: Path, refused: Refused
    ) -> None:
        assert says in refused("knowledge", "add", make(workplace))


@pytest.mark.parametrize("make", [make_empty_pdf, make_locked_pdf, make_binary, make_large])
def test_inside_a_folder_it_is_left_out_with_a_warning(
    make: Callable[[Path], Path], docs: Path, limner: Call
) -> None:
    left_out = make(docs)
    done = limner("write", "Returns", "--knowledge", docs, "--images", 0, "--out", "out")
    assert done.code == 0
    assert [line for line in done.err.splitlines() if "left out" in line and left_out.name in line]
    told = limner("write", "Returns", "--knowledge", docs, "--images", 0, "--out", "out", "--json").json
    assert [left_out.name in warning for warning in told["warnings"]] == [True]
    assert {row["source"] for row in told["citations"]} == {"returns.md"}


def test_with_strict_one_unreadable_document_in_a_folder_is_refused(docs: Path, refused: Refused) -> None:
    make_empty_pdf(docs)
    assert "empty.pdf" in refused("write", "Returns", "--knowledge", docs, "--strict")
    # and again, when the index is there already
    assert "empty.pdf" in refused("write", "Returns", "--knowledge", docs, "--strict")
    assert "empty.pdf" in refused("knowledge", "add", docs, "--strict")


def test_a_folder_with_nothing_readable_is_refused(docs: Path, refused: Refused) -> None:
    (docs / "returns.md").unlink()
    make_empty_pdf(docs)
    assert "empty.pdf" in refused("write", "Returns", "--knowledge", docs)


def test_without_documents_the_hint_names_both_ways_on(limner: Call, untouched: Callable[[], bool]) -> None:
    untouched()
    done = limner("write", "Returns", "--json")
    assert done.code == 2
    assert "--knowledge" in done.error["hint"] and "--ungrounded" in done.error["hint"]
    assert untouched()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("topic: Returns\ncolour: red\n", "no field 'colour'"),
        ("tone: warm\n", "lacks 'topic'"),
        ("topic: Returns\nsections: 0\n", "'sections' is 0"),
        ("topic: Returns\nsections: 500\n", "'sections' is 500"),
        ("topic: Returns\nwords: many\n", "'words' is 'many'"),
        ("topic: [Returns\n", "line 2: not valid YAML"),
        ('{"topic": }', "line 1: not valid JSON"),
        ("", "holds no fields"),
        ("- Returns\n", "holds no fields"),
        ("topic: ' '\n", "'topic'"),
        (f"topic: {'x' * 301}\n", "at most 300 characters"),
        ("!!python/object/apply:os.system ['true']: 1\n", "not valid YAML"),
        ("topic: Returns\nnotes: '" + "x" * 100_001 + "'\n", "larger than 100,000 bytes"),
    ],
    ids=[
        "unknown-field",
        "no-topic",
        "too-few",
        "too-many",
        "no-number",
        "not-yaml",
        "not-json",
        "empty",
        "a-list",
        "blank-topic",
        "long-topic",
        "code",
        "huge",
    ],
)
def test_a_wrong_brief_is_refused_with_its_name_and_field(
    text: str,
    says: str,
    docs: Path,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
    untouched: Callable[[], bool],
) -> None:
    Path("brief.yaml").write_text(text)
    untouched()
    line = refused("write", "brief.yaml", "--knowledge", docs)
    assert says in line and "brief.yaml" in line
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert "standard input" in refused("write", "-", "--knowledge", docs)
    assert untouched()


@pytest.mark.parametrize("name", ["missing.yaml", "./missing", "missing.json", "docs/", "bytes.yml"])
def test_a_brief_that_cannot_be_read_is_named(name: str, docs: Path, refused: Refused) -> None:
    Path("bytes.yml").write_bytes(b"\xff\xfe\xfa")
    assert repr(name) in refused("write", name, "--knowledge", docs)


@pytest.mark.parametrize("topic", ["", " ", "x" * 301], ids=["empty", "blank", "long"])
def test_a_topic_out_of_bounds_is_refused(topic: str, docs: Path, refused: Refused) -> None:
    assert "'topic'" in refused("write", topic, "--knowledge", docs)


@pytest.mark.parametrize(
    "reference",
    ["nosuch", "hf:", "hf:../../etc", "a:b:c", "openai:nowhere", "scripted:nothing.json", "all-minilm-l6-v2"],
)
def test_a_reference_that_names_no_chat_model_is_refused_before_anything_is_written(
    reference: str, docs: Path, refused: Refused, untouched: Callable[[], bool]
) -> None:
    untouched()
    assert reference.split(":")[-1] in refused("write", "Returns", "--knowledge", docs, "--model", reference)
    assert untouched()


@pytest.mark.parametrize("variable", ["LIMNER_EMBEDDINGS__NAME", "LIMNER_IMAGES__NAME"])
def test_a_wrong_reference_in_the_settings_is_refused_before_anything_is_written(
    variable: str,
    docs: Path,
    refused: Refused,
    untouched: Callable[[], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    untouched()
    monkeypatch.setenv(variable, "nosuch")
    assert "nosuch" in refused("write", "Returns", "--knowledge", docs)
    assert untouched()


@pytest.mark.parametrize("out", ["in-the-way", "in-the-way/out"])
def test_an_out_folder_that_cannot_be_made_is_refused_before_any_work(
    out: str, docs: Path, refused: Refused, untouched: Callable[[], bool]
) -> None:
    Path("in-the-way").write_text("a file")
    untouched()
    line = refused("write", "Returns", "--knowledge", docs, "--out", out)
    assert out in line and "--out" in line
    assert untouched() and Path("in-the-way").read_text() == "a file"


def test_a_home_that_cannot_be_made_is_refused(docs: Path, refused: Refused) -> None:
    Path("in-the-way").touch()
    assert "in-the-way" in refused("write", "Returns", "--knowledge", docs, "--home", "in-the-way/home")


@pytest.mark.parametrize("deadline", ["0", "-1", "nan", "soon"])
@pytest.mark.parametrize("command", [("write", "Returns"), ("run", "content", "brief.json")])
def test_a_deadline_that_is_no_time_is_refused(
    command: tuple[str, ...], deadline: str, docs: Path, refused: Refused, untouched: Callable[[], bool]
) -> None:
    Path("brief.json").write_text('{"topic": "Returns"}')
    untouched()
    assert "deadline" in refused(*command, "--knowledge", docs, "--deadline", deadline)
    assert untouched()


@pytest.mark.parametrize("images", ["-1", "9", "many"])
def test_a_number_of_images_out_of_bounds_is_refused(images: str, docs: Path, refused: Refused) -> None:
    assert "images" in refused("write", "Returns", "--knowledge", docs, "--images", images)


def test_an_unknown_graph_is_named_with_those_there_are(refused: Refused) -> None:
    Path("input.json").write_text("{}")
    assert "Known graphs: content" in refused("run", "nosuch", "input.json")
    assert "'nosuch:build' cannot be loaded" in refused("run", "nosuch:build", "input.json")
    assert "Known graphs: content" in refused("graphs", "show", "nosuch")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{", "not valid JSON"), (b"", "not valid JSON"), (b"\xff\xfe", "not valid JSON"), (b"[1]", "list")],
    ids=["cut", "empty", "bytes", "list"],
)
def test_input_that_is_no_json_object_is_refused(content: bytes, says: str, refused: Refused) -> None:
    Path("input.json").write_bytes(content)
    assert says in refused("run", "content", "input.json")


def test_input_that_is_not_there_is_named(refused: Refused) -> None:
    assert "'input.json'" in refused("run", "content", "input.json")


@pytest.mark.parametrize("run_id", ["nosuch", "../..", "../../etc/passwd", "..", ".", "", "/etc"])
@pytest.mark.parametrize("command", [("runs", "show"), ("runs", "resume"), ("trace",)], ids=" ".join)
def test_an_id_names_a_run_and_never_a_path(
    command: tuple[str, ...], run_id: str, refused: Refused, home: Path
) -> None:
    (home / "runs").mkdir()
    (home / "run.json").write_text("{}")
    line = refused(*command, run_id)
    assert "There is no run" in line and "limner runs list" in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("write",),
        ("write", "x", "--nosuch"),
        ("write", "x", "--deadline", "soon"),
        ("runs", "nosuch"),
        ("runs", "show"),
        ("knowledge", "search"),
        ("models", "show", "nosuch"),
        ("demo", "nosuch"),
        ("knowledge", "add", "nosuch"),
        ("runs", "resume", "x", "--answer", "{"),
        ("runs", "prune", "--older-than", "nan"),
        ("runs", "prune", "--older-than", "inf"),
        ("runs", "prune", "--older-than", "-1"),
        ("models", "pull", "nosuch"),
    ],
    ids=" ".join,
)
def test_under_json_an_error_is_one_object_on_standard_output(
    arguments: tuple[str, ...], limner: Call
) -> None:
    done = limner(*arguments, "--json")
    assert (done.code, done.err) == (2, "")
    assert done.error["message"] and done.error["hint"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[model", "not valid TOML"),
        ('[model]\nnam = "x"\n', "model.nam"),
        ('[model]\nengine = "steam"\n', "engine"),
    ],
    ids=["not-toml", "unknown-key", "bad-value"],
)
def test_wrong_settings_are_named(text: str, says: str, docs: Path, refused: Refused) -> None:
    Path("limner.toml").write_text(text)
    assert says in refused("write", "Returns", "--knowledge", docs)
    assert "nosuch.toml" in refused("write", "Returns", "--config", "nosuch.toml")


def test_text_in_square_brackets_is_printed_as_it_is(refused: Refused) -> None:
    assert "'[bold]x[/]'" in refused("runs", "show", "[bold]x[/]")


def test_an_error_that_nobody_foresaw_is_one_line_that_names_its_traceback(
    limner: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*arguments: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("limner.graphs.folder.all_runs", broken)
    done = limner("runs", "list", "--json")
    assert done.code == 4 and done.error["code"] == "defect"
    assert "ZeroDivisionError: oops" in done.error["message"]
    (file,) = tmp_path.glob("limner-*.txt")
    assert str(file) in done.error["hint"] and "in broken" in file.read_text()


def test_a_wrong_brief_is_told_before_torch_is_loaded(docs: Path) -> None:
    program = (
        "import sys; from limner.cli import main\n"
        f"codes = [main(['write', *a, '--knowledge', {str(docs)!r}, '--model', m]) for a, m in "
        "((['x' * 301], ''), (['brief.yaml'], ''), (['x', '--deadline', '0'], ''), "
        "(['x', '--out', 'brief.yaml'], ''),"
        " (['x'], 'nosuch'), (['x', '--knowledge', 'nowhere'], 'smollm2-135m-instruct'))]\n"
        "print(codes, [name for name in ('torch', 'transformers', 'chromadb') if name in sys.modules])"
    )
    Path("brief.yaml").write_text("colour: red\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=os.environ)
    assert done.stdout == "[2, 2, 2, 2, 2, 2] []\n", done.stderr


def test_a_disk_that_is_full_is_told_in_one_line(
    docs: Path, limner: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("limner.graphs.folder.os.fsync", full)
        done = limner("write", "Returns", "--knowledge", docs, "--out", "out", "--json")
    assert done.code == 2 and "No space left" in done.error["message"] and "Free space" in done.error["hint"]
    assert not [path for path in Path("out").rglob("*") if path.is_file()]


def test_a_copy_cut_short_by_a_full_disk_is_taken_away(
    docs: Path, limner: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limner.graphs.folder import write_atomically

    def full(path: Path, data: bytes) -> None:
        if path.parent.name == "out" and path.name == "receipt.json":
            raise InputError(f"Cannot write {str(path)!r}: No space left on device.", "Free space.")
        write_atomically(path, data)

    Path("out").mkdir()
    Path("out/mine.txt").write_text("mine")
    monkeypatch.setattr("limner.graphs.folder.write_atomically", full)
    done = limner("write", "Returns", "--knowledge", docs, "--out", "out", "--json")
    assert done.code == 2 and "out/receipt.json" in done.error["message"]
    assert [path.name for path in Path("out").rglob("*")] == ["mine.txt"]


def test_a_batch_that_cannot_be_written_leaves_no_half_of_it(docs: Path, refused: Refused) -> None:
    Path("in.jsonl").write_text(json.dumps({"id": 1, "query": "boots"}))
    search = ("knowledge", "search", "--knowledge", docs, "--batch", "in.jsonl", "--out")
    assert "nowhere/out.jsonl" in refused(*search, "nowhere/out.jsonl")
    if Path("/dev/full").is_char_device():
        assert "No space left" in refused(*search, "/dev/full")
        assert Path("/dev/full").is_char_device()
