"""Which documents some paths stand for, and what each is called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .passage import Skipped

_DEEPEST = 64
"""Folders below the one given; a deeper tree is a mistake or a trap."""
_HINT = "Check the path, or give another file or folder."


@dataclass(frozen=True, slots=True)
class Found:
    """A file that stands for a document."""

    document: str
    """Its id: the path relative to the folder given, with the folder's name before it on a collision."""
    path: Path
    """Absolute."""
    root: Path
    """The folder that was given, or the file itself."""

    @property
    def named(self) -> bool:
        """Whether the caller named this file itself, rather than a folder around it."""
        return self.path == self.root


@dataclass(frozen=True, slots=True)
class Finding:
    """All documents under some paths, and what in the folders was passed over."""

    found: tuple[Found, ...]
    skipped: tuple[Skipped, ...]


def find(paths: Sequence[str | Path]) -> list[tuple[str, Path]]:
    """Return ``(document id, path)`` of every document under `paths`, sorted within each folder.

    Raises:
        InputError: A path does not exist, or a folder holds no file.
    """
    return [(found.document, found.path) for found in discover(paths).found]


def discover(paths: Sequence[str | Path], taken: Mapping[str, str] | None = None) -> Finding:
    """Walk `paths` and name what is there; hidden files and links that leave their folder are passed over.

    Args:
        paths: Files and folders.
        taken: Ids already in use, each with the absolute path of its file; another file does not get one.

    Raises:
        InputError: No path is given, a path does not exist, or a folder holds no file.
    """
    if not paths:
        raise InputError("No document is given.", "Give at least one file or folder.")
    files: dict[Path, Path] = {}
    skipped: list[Skipped] = []
    for given in paths:
        root = Path(given).expanduser().absolute()
        if root.is_file():
            files.setdefault(root, root)
        elif root.is_dir():
            inside, left_out = _walk(root)
            if not inside and not left_out:
                raise InputError(
                    f"Folder {str(given)!r} holds no document.", "Put files into it, or give another folder."
                )
            skipped += left_out
            for path in inside:
                # A file named itself stays so: its faults are the caller's.
                files.setdefault(path, root)
        elif root.exists():
            raise InputError(f"Path {str(given)!r} is neither a file nor a folder.", _HINT)
        else:
            raise InputError(f"Path {str(given)!r} does not exist.", _HINT)
    return Finding(tuple(_named(files, taken or {})), tuple(skipped))


def _walk(root: Path) -> tuple[list[Path], list[Skipped]]:
    """Return the files below a folder, and what was refused."""
    inside: list[Path] = []
    refused: list[Skipped] = []
    real = root.resolve()

    def refuse(path: Path, reason: str) -> None:
        name = path.relative_to(root).as_posix()
        refused.append(Skipped(name if name.isprintable() else ascii(name), reason))

    def unreadable(error: OSError) -> None:
        refuse(Path(error.filename), f"a folder that cannot be read ({error.strerror})")

    for folder, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(folder)
        if len(here.parts) - len(root.parts) >= _DEEPEST and folders:
            refuse(here, f"more than {_DEEPEST} folders deep")
            folders.clear()
        for name in sorted(name for name in names if not name.startswith(".")):
            path = here / name
            if reason := _refusal(path, real):
                refuse(path, reason)
            else:
                inside.append(path)
        for path in [here / name for name in folders]:
            if path.is_symlink():
                refuse(path, "a link to a folder")
    return inside, refused


def _refusal(path: Path, real: Path) -> str:
    """Say why something in a folder is not read; "" where it is."""
    if not path.name.isprintable():
        return "its name is no text"
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(real):
            return "a link that leaves the folder"
    except (OSError, RuntimeError):
        return "a link that leads nowhere"
    return "" if path.is_file() else "not a regular file"


def _named(files: Mapping[Path, Path], taken: Mapping[str, str]) -> list[Found]:
    """Give every file its id: the shortest that no other file has or gets."""
    shortest = {path: _id(path, root, 0) for path, root in files.items()}
    wanted = Counter(shortest.values())
    kept = {path: document for document, path in taken.items()}
    used: dict[str, str] = dict(taken)
    named = []
    for path, root in files.items():
        document = kept.get(str(path)) or shortest[path]
        depth = 0
        while (wanted[document] > 1 and depth == 0 and str(path) not in kept) or used.get(
            document, str(path)
        ) != str(path):
            depth += 1
            document = _id(path, root, depth)
        used[document] = str(path)
        named.append(Found(document, path, root))
    return named


def _id(path: Path, root: Path, depth: int) -> str:
    """Return the path below its root, with the last `depth` folder names from the root on before it."""
    folder = root.parent if path == root else root
    above = [part for part in folder.parts if part != folder.anchor]
    before = above[len(above) - min(depth, len(above)) :] if depth else []
    # Beyond the top of the file system only a number can tell two apart.
    extra = [f"{depth - len(above)}"] if depth > len(above) else []
    return "/".join([*extra, *before, path.relative_to(folder).as_posix()])
