"""Bringing an index up to date with some files: only what changed is read, split and embedded again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import DocumentError, InputError
from .access import Access
from .find import Finding, Found, discover
from .formats.isolated import Reader
from .load import READER, fingerprint
from .passage import Added, Document, Skipped
from .split import split
from .stores.store import Put, Store, Stored

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


@dataclass(frozen=True, slots=True)
class Beside:
    """What is stored beside documents: who may read them, and metadata."""

    access: Access = field(default_factory=Access)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def version(self, digest: str) -> str:
        """Return what changes when a document with this hash has to be stored again."""
        if self == Beside():
            return f"{READER}:{digest}"
        told = json.dumps([sorted(self.access.roles), sorted(self.metadata.items())])
        return f"{READER}:{digest}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def of(self, document: Document) -> Document:
        """Return a document with this metadata before its own."""
        return replace(document, metadata={**document.metadata, **self.metadata})


def put_text(store: Store, document: Document, beside: Beside) -> int:
    """Put one document in hand into the store; return how many passages it has, 0 where it did not change."""
    version, tenant = beside.version(document.sha256), beside.access.tenant
    if store.version_of(document.id, tenant) == version:
        return 0
    pieces = split(document, tenant)
    if not pieces:
        raise _wordless(document.id)
    store.put(Put(beside.of(document), pieces, version, "", "", beside.access))
    return len(pieces)


def write(
    store: Store,
    paths: Sequence[str | Path],
    beside: Beside,
    *,
    max_mb: float,
    strict: bool,
    only: bool,
    progress: Progress | None,
) -> Added:
    """Put the documents under `paths` into the store; call inside `Index.writing`, then `Index.embed`.

    Args:
        store: Where.
        paths: Files and folders.
        beside: What is stored beside each document; documents of other tenants are not touched.
        max_mb: Largest document, in megabytes.
        strict: One document that cannot be read fails the call.
        only: Remove every document of the tenant that is not under `paths`.
        progress: Told of the reading.

    Raises:
        InputError: A path does not exist, or nothing under `paths` can be read.
        DocumentError: A document named itself, or with `strict` any document, cannot be read.
    """
    before = {row.id: row for row in store.stored(beside.access.tenant)}
    prints = fingerprints(
        discover(paths, {row.id: row.path for row in before.values() if row.path}), max_mb, strict
    )
    skipped = list(prints.skipped)
    current = {each.document for each, _ in prints.found}
    passages = changed = unchanged = 0
    # A fault of a document named itself must come before anything is written.
    ordered = sorted(prints.found, key=lambda pair: not pair[0].named)
    with Reader(max_mb) as reader:
        for number, (each, digest) in enumerate(ordered, 1):
            version = beside.version(digest)
            row = before.get(each.document)
            if row is not None and row.sha256 == version:
                unchanged += 1
                if (row.path, row.root) != (str(each.path), str(each.root)):
                    store.move(row.number, str(each.path), str(each.root))
            else:
                try:
                    document = reader.read(each.path, each.document)
                    pieces = split(document, beside.access.tenant)
                    if not pieces:
                        raise _wordless(each.document)
                except DocumentError as error:
                    _pass_over(skipped, each, error, strict)
                    current.discard(each.document)
                else:
                    place = (str(each.path), str(each.root))
                    store.put(Put(beside.of(document), pieces, version, *place, beside.access))
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
    for row in gone:
        store.remove(row.number)
    return Added(changed, passages, unchanged, len(gone), tuple(skipped))


def _wordless(document: str) -> DocumentError:
    return DocumentError(f"Document {document!r} holds no sentence.", "Give a document with text in it.")


def _pass_over(skipped: list[Skipped], each: Found, error: DocumentError, strict: bool) -> None:
    if each.named or strict:
        raise error
    skipped.append(Skipped(each.document, str(error)))


def _gone(
    before: Iterable[Stored], current: set[str], paths: Sequence[str | Path], only: bool
) -> list[Stored]:
    """Return documents that are no longer there: of the folders given, or, with `only`, of any place."""
    roots = {str(Path(path).expanduser().absolute()) for path in paths}
    return [row for row in before if row.id not in current and (only or row.root in roots)]


def _named(paths: Sequence[str | Path]) -> str:
    return ", ".join(repr(str(path)) for path in paths[:3])
