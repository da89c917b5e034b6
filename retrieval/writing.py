"""Bringing an index up to date with some files: only what changed is read, split and embedded again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DocumentError, InputError
from .find import Finding, Found, discover
from .index import Index
from .load import READER, fingerprint, load
from .passage import Added, Document, Skipped
from .split import Piece, split
from .store import Store, Stored

Progress = Callable[[str, int, int], None]
"""Told ``("reading" or "embedding", how many are done, of how many)``."""


@dataclass(frozen=True, slots=True)
class Prints:
    """The documents that can be read, each with the hash of what it holds."""

    found: tuple[tuple[Found, str], ...]
    skipped: tuple[Skipped, ...]


def fingerprints(finding: Finding, max_mb: float, strict: bool) -> Prints:
    """Hash every file, passing over what cannot be read.

    Raises:
        DocumentError: A file named itself, or with `strict` any file, cannot be read.
        InputError: With `strict`, a link was refused.
    """
    if strict and finding.skipped:
        first = finding.skipped[0]
        raise InputError(
            f"Document {first.document!r} is {first.reason}.", "Remove the link, or leave out `strict`."
        )
    found: list[tuple[Found, str]] = []
    skipped = list(finding.skipped)
    for each in finding.found:
        try:
            found.append((each, fingerprint(each.path, each.document, max_mb)))
        except DocumentError as error:
            _pass_over(skipped, each, error, strict)
    return Prints(tuple(found), tuple(skipped))


def write(
    index: Index,
    store: Store,
    paths: Sequence[str | Path],
    *,
    max_mb: float,
    strict: bool,
    only: bool,
    progress: Progress | None,
) -> Added:
    """Put the documents under `paths` into the store; call inside `Index.writing`, then `Index.embed`.

    Args:
        index: What is written to.
        store: Its store.
        paths: Files and folders.
        max_mb: Largest document, in megabytes.
        strict: One document that cannot be read fails the call.
        only: Remove every document that is not under `paths`.
        progress: Told of the reading.

    Raises:
        InputError: A path does not exist, or nothing under `paths` can be read.
        DocumentError: A document named itself, or with `strict` any document, cannot be read.
    """
    before = {row.id: row for row in store.documents()}
    prints = fingerprints(
        discover(paths, {row.id: row.path for row in before.values() if row.path}), max_mb, strict
    )
    skipped = list(prints.skipped)
    current = {each.document for each, _ in prints.found}
    passages = changed = unchanged = 0
    # A fault of a document named itself must come before anything is written.
    for number, (each, digest) in enumerate(sorted(prints.found, key=lambda pair: not pair[0].named), 1):
        version = f"{READER}:{digest}"
        row = before.get(each.document)
        if row is not None and row.sha256 == version:
            unchanged += 1
            if (row.path, row.root) != (str(each.path), str(each.root)):
                store.move(each.document, str(each.path), str(each.root))
        else:
            try:
                document, pieces = _read(each, max_mb)
            except DocumentError as error:
                _pass_over(skipped, each, error, strict)
                current.discard(each.document)
            else:
                store.put(document, pieces, version, str(each.path), str(each.root))
                changed += 1
                passages += len(pieces)
        if progress is not None:
            progress("reading", number, len(prints.found))
    if not current:
        reasons = "; ".join(f"{left.document}: {left.reason}" for left in skipped[:3])
        raise InputError(
            f"Nothing under {_named(paths)} can be read ({reasons}).", "Give text, Markdown, HTML or PDF."
        )
    gone = _gone(before.values(), current, paths, only)
    for name in gone:
        store.remove(name)
    return Added(changed, passages, unchanged, len(gone), tuple(skipped))


def _read(each: Found, max_mb: float) -> tuple[Document, list[Piece]]:
    document = load(each.path, each.document, max_mb)
    pieces = split(document)
    if not pieces:
        raise DocumentError(
            f"Document {each.document!r} holds no sentence.", "Give a document with text in it."
        )
    return document, pieces


def _pass_over(skipped: list[Skipped], each: Found, error: DocumentError, strict: bool) -> None:
    if each.named or strict:
        raise error
    skipped.append(Skipped(each.document, str(error)))


def _gone(before: Iterable[Stored], current: set[str], paths: Sequence[str | Path], only: bool) -> list[str]:
    """Return documents that are no longer there: of the folders given, or, with `only`, of any place."""
    roots = {str(Path(path).expanduser().absolute()) for path in paths}
    return [row.id for row in before if row.id not in current and (only or row.root in roots)]


def _named(paths: Sequence[str | Path]) -> str:
    return ", ".join(repr(str(path)) for path in paths[:3])
