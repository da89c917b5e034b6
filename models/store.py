"""The model store: one verified copy of each model on this machine.

Trust the hash, not the host: a file enters the store when its sha256 is the catalog's, in one rename.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from ..errors import InputError, UnavailableError
from .catalog import CATALOG, CatalogModel, ModelFile, ModelKind, load_catalog
from .sources import Source, load_mirrors, sources_of

Progress = Callable[[str, int, int], None]
"""Called with a model's name, the bytes that are there, and the bytes of the whole model."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalog, as the store sees it."""

    name: str
    kind: ModelKind
    about: str
    licence: str
    size: int
    """Bytes."""
    present: bool


@dataclass(frozen=True, slots=True)
class Details:
    """Everything the store knows of one model."""

    entry: Entry
    files: tuple[ModelFile, ...]
    sources: tuple[str, ...]
    """Where a pull would look, in order."""
    path: Path | None
    """Where it is, or None while it is absent."""


class Store:
    """The models under one folder.

    Args:
        folder: Where models are kept; made when the first one is pulled.
        mirrors: A mirrors.toml with places to try after the hub.
        catalog: What can be pulled.

    Raises:
        SettingsError: `mirrors` cannot be read.
    """

    def __init__(self, folder: Path, mirrors: Path | None = None, catalog: Path = CATALOG) -> None:
        self.folder = folder
        self._catalog = load_catalog(catalog)
        self._mirrors = load_mirrors(mirrors)

    def list(self) -> list[Entry]:
        """Return every model of the catalog, in its order."""
        return [self._entry(model) for model in self._catalog.values()]

    def show(self, name: str) -> Details:
        """Return what is known of one model.

        Raises:
            InputError: The catalog has no such model.
        """
        model = self._model(name)
        entry = self._entry(model)
        sources = tuple(str(source) for source in sources_of(model, self._mirrors))
        return Details(entry, model.files, sources, self.path(name) if entry.present else None)

    def path(self, name: str) -> Path:
        """Return where a model is: its file where it has one, else its folder.

        Raises:
            InputError: The catalog has no such model.
            UnavailableError: It has not been pulled.
        """
        model = self._model(name)
        if not self._present(model):
            raise UnavailableError(f"Model {name!r} is not in the store.", f"Run: limner models pull {name}")
        folder = self.folder / model.name
        return folder / model.files[0].path if len(model.files) == 1 else folder

    def pull(self, name: str, progress: Progress | None = None) -> Path:
        """Bring a model into the store, going on where an earlier pull was cut off.

        A model that is already there is verified again and not downloaded. Two processes may pull at once.

        Raises:
            InputError: The catalog has no such model.
            UnavailableError: No source has it, the hash is wrong everywhere, or the disk is full.
        """
        model = self._model(name)
        report = progress or _silent
        try:
            (self.folder / ".partial").mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / ".partial" / f"{name}.lock"):
                self._pull(model, report)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise UnavailableError(
                    f"Cannot write model {name!r} under {str(self.folder)!r}: {error}.",
                    "Check the folder's permissions, or set LIMNER_MODELS to another one.",
                ) from error
            raise _disk_full(model, self.folder) from error
        return self.path(name)

    def _pull(self, model: CatalogModel, report: Progress) -> None:
        folder = self.folder / model.name
        missing = [file for file in model.files if not _is(folder / file.path, file)]
        done = model.size - sum(file.size for file in missing)
        report(model.name, done, model.size)
        if not missing:
            return
        needed = sum(file.size - _size(self._partial(model, file)) for file in missing)
        if shutil.disk_usage(self.folder).free < needed:
            raise _disk_full(model, self.folder)
        workspace = self.folder / ".partial" / uuid.uuid4().hex
        workspace.mkdir()
        try:
            for file in missing:

                def advance(bytes_of_file: int, before: int = done) -> None:
                    report(model.name, before + bytes_of_file, model.size)

                self._fetch(model, file, workspace, advance)
                done += file.size
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def _fetch(
        self, model: CatalogModel, file: ModelFile, workspace: Path, advance: Callable[[int], None]
    ) -> None:
        """Try each source until one delivers the bytes that the catalog names, then rename them in."""
        partial = self._partial(model, file)
        faults = []
        for source in sources_of(model, self._mirrors):
            fault = _try(source, file, partial, workspace, advance)
            if fault is None:
                target = self.folder / model.name / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                _sync(partial)
                partial.replace(target)
                _sync(target.parent)
                return
            faults.append(f"{source}: {fault}")
        raise UnavailableError(
            f"No source delivered {file.path!r} of model {model.name!r}. "
            + " ".join(faults or ["None is known."]),
            "Set LIMNER_MIRRORS to a mirrors.toml that names a place which this machine can reach.",
        )

    def _partial(self, model: CatalogModel, file: ModelFile) -> Path:
        return self.folder / ".partial" / f"{model.name}-{file.sha256[:16]}.part"

    def _present(self, model: CatalogModel) -> bool:
        """Tell by name and size alone: hashes are checked when bytes enter the store."""
        return all(_size(self.folder / model.name / file.path) == file.size for file in model.files)

    def _entry(self, model: CatalogModel) -> Entry:
        return Entry(model.name, model.kind, model.about, model.licence, model.size, self._present(model))

    def _model(self, name: str) -> CatalogModel:
        if name not in self._catalog:
            raise InputError(
                f"The catalog has no model {name!r}. Known: {', '.join(map(repr, self._catalog))}.",
                "See `limner models list`.",
            )
        return self._catalog[name]


def _try(
    source: Source, file: ModelFile, partial: Path, workspace: Path, advance: Callable[[int], None]
) -> str | None:
    """Fetch one file from one source; return what went wrong, or None when its hash is right."""
    while True:
        resumed = _size(partial) > 0
        try:
            source.fetch(file, partial, workspace, advance)
        except UnavailableError as error:
            return str(error)
        except OSError:
            # Nothing half-written stays behind on a full disk.
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
        if _is(partial, file):
            return None
        partial.unlink(missing_ok=True)
        if not resumed:
            return "the file has a wrong sha256 and was deleted."


def _is(path: Path, file: ModelFile) -> bool:
    """Tell whether `path` holds exactly the bytes of `file`."""
    if _size(path) != file.size:
        return False
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest() == file.sha256


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _disk_full(model: CatalogModel, folder: Path) -> UnavailableError:
    return UnavailableError(
        f"The disk of {str(folder)!r} has no room for model {model.name!r} ({model.size / 1e6:.0f} MB).",
        "Free some space, or set LIMNER_MODELS to a folder on another disk.",
    )


def _silent(name: str, done: int, total: int) -> None:
    """Report progress to nobody."""
