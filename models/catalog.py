"""The catalog: which models Limner knows by name, and the hash of each of their files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from ..errors import SettingsError

CATALOG = Path(__file__).with_name("catalog.toml")

_SAFE_ENDINGS = {".safetensors", ".gguf", ".json", ".txt"}
"""Formats that cannot run code when they are read."""

ModelKind = Literal["chat", "embeddings", "images"]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, known by its content."""

    path: str
    """Relative to the model's folder, with forward slashes."""
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of the Hugging Face hub at one pinned revision."""

    repository: str
    revision: str


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One model of the catalog."""

    name: str
    kind: ModelKind
    about: str
    licence: str
    files: tuple[ModelFile, ...]
    hub: HubSource | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def load_catalog(path: Path = CATALOG) -> dict[str, CatalogModel]:
    """Read a catalog, by name in the order of the file.

    Raises:
        SettingsError: The file is not a catalog, or names a file that Limner would not write.
    """
    try:
        rows: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["model"]
        models = [_model(row) for row in rows]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SettingsError(
            f"Catalog {str(path)!r} cannot be read: {error!r}.", "Reinstall Limner."
        ) from error
    return {model.name: model for model in models}


def _model(row: dict[str, Any]) -> CatalogModel:
    files = tuple(ModelFile(**file) for file in row["files"])
    for file in files:
        pure = PurePosixPath(file.path)
        if pure.suffix not in _SAFE_ENDINGS or pure.is_absolute() or ".." in pure.parts:
            raise SettingsError(
                f"Model {row['name']!r} lists the file {file.path!r}.",
                f"Only relative paths that end in {', '.join(sorted(_SAFE_ENDINGS))} are written.",
            )
    hub = HubSource(**row["hub"]) if "hub" in row else None
    return CatalogModel(row["name"], row["kind"], row["about"], row["licence"], files, hub)
