"""`Tape`: the file of a cassette, one call a line, found again by what was asked."""

from __future__ import annotations

import difflib
import json
import threading
from collections import Counter, defaultdict
from pathlib import Path

from pydantic import ValidationError
from rapidfuzz import fuzz, process

from ..errors import InputError, UnavailableError
from .take import Request, Take, key_of

_FIRST = b'{"key":'
"""How every line begins."""
_COMPARED = 20_000
"""Characters of a request that count when the nearest is looked for."""
_SHOWN = 60
"""Lines of a difference that a message shows, of 200 characters each."""


class Tape:
    """The calls in one file. Threads may share it; one process at a time records.

    Args:
        path: The file.
        recording: Make the file, or go on with it.

    Raises:
        InputError: The file is missing, or is no cassette.
    """

    def __init__(self, path: Path, recording: bool = False) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._played: Counter[str] = Counter()
        if recording:
            _make_ready(path)
        self.takes = _read(path)
        self._by_key: defaultdict[str, list[Take]] = defaultdict(list)
        for take in self.takes:
            self._by_key[take.key].append(take)

    @property
    def model(self) -> tuple[str, frozenset[str]] | None:
        """Name and call options of the model that is recorded; they decide how it is asked."""
        return (self.takes[0].model, frozenset(self.takes[0].accepts)) if self.takes else None

    def play(self, request: Request) -> Take | None:
        """Return the next answer to a request; after the last one, that one again; None for a miss."""
        key = key_of(request)
        with self._lock:
            takes = self._by_key.get(key)
            if takes is None:
                return None
            self._played[key] += 1
            return takes[min(self._played[key], len(takes)) - 1]

    def append(self, take: Take) -> None:
        """Write one line, in one piece."""
        line = json.dumps(take.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n"
        with self._lock, self.path.open("ab", buffering=0) as file:
            file.write(line.encode("utf-8", "replace"))

    def miss(self, request: Request) -> UnavailableError:
        """Return the error that names the nearest recorded request, and shows how this one differs."""
        return UnavailableError(
            f"The cassette {self.path.name!r} has no answer to this request. {self._nearest(request)}\n",
            "Ask as it was recorded, or delete the file and record it anew.",
        )

    def _nearest(self, request: Request) -> str:
        if not self.takes:
            return "It holds no call."
        asked = _lines(request)
        recorded = [_lines(take.request) for take in self.takes]
        texts = ["\n".join(lines)[:_COMPARED] for lines in recorded]
        _, score, at = process.extractOne("\n".join(asked)[:_COMPARED], texts, scorer=fuzz.ratio)
        changes = difflib.unified_diff(recorded[at], asked, "recorded", "asked", n=1, lineterm="")
        shown = [line[:200] for line in changes]
        if len(shown) > _SHOWN:
            shown[_SHOWN:] = [f"... and {len(shown) - _SHOWN} lines more"]
        head = f"The nearest of {len(texts)} is in line {at + 1}, {score:.0f} % alike:"
        return "\n".join([head, *shown])


def _make_ready(path: Path) -> None:
    """Make the file, or take off what a kill left of its last line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            file.seek(0)
            whole, _, torn = file.read().rpartition(b"\n")
            if not torn.startswith(_FIRST[: len(torn)]):
                raise InputError(f"{str(path)!r} is no cassette.", "Use another file.")
            if torn:
                file.truncate(len(whole) + 1 if whole else 0)
    except OSError as error:
        raise InputError(
            f"Cannot write the cassette {str(path)!r}: {error.strerror}.", "Use another file."
        ) from error


def _read(path: Path) -> list[Take]:
    try:
        # what follows the last line break was being written when its process ended
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise InputError(
            f"Cannot read the cassette {str(path)!r}: {error.strerror}.", "Record it first."
        ) from error
    takes = []
    for number, line in enumerate(lines, 1):
        try:
            takes.append(Take.model_validate_json(line))
        except ValidationError as error:
            raise InputError(
                f"{path}, line {number}: not a line of a cassette: {error.errors()[0]['msg']}.",
                "Take the line out, or record the file anew.",
            ) from error
    return takes


def _lines(request: Request) -> list[str]:
    """A request as lines that a person can compare."""
    lines: list[str] = []
    for message in request.get("messages", []):
        content = message["content"]
        text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
        lines += [f"[{message['role']}]", *text.splitlines()]
        lines += [json.dumps(call, ensure_ascii=False) for call in message.get("tool_calls", [])]
    for name, value in sorted(request.items()):
        if name != "messages":
            lines += f"{name}: {json.dumps(value, indent=1, ensure_ascii=False)}".splitlines()
    return lines
