"""Reading documents of complicated formats in a process of its own, which may hang, crash or swell alone.

The process is started with the first such document, reads one after another, and is replaced when it fails.
It answers in JSON: nothing that it sends is executed.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from ...errors import DocumentError
from ..embedder import Background
from ..load import MAX_MB, is_complicated, load
from ..passage import Block, Document

SECONDS = 60.0
"""How long one document may take."""
MEMORY_MB = 4000
"""Address space of the reading process, where the system can limit it."""


class Reader:
    """Reads documents, the complicated ones in another process; `close` ends it.

    Args:
        max_mb: Largest document, in megabytes.
        seconds: How long a document may take in the other process.
    """

    def __init__(self, max_mb: float = MAX_MB, seconds: float = SECONDS) -> None:
        self._max_mb = max_mb
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def read(self, path: Path, document: str) -> Document:
        """Read a file as the document with the id `document`.

        Raises:
            DocumentError: It cannot be read, takes too long or too much memory, or crashes its reader.
        """
        if not is_complicated(path):
            return load(path, document, self._max_mb)
        process = self._process or self._started()
        asked = json.dumps({"path": str(path), "document": document, "max_mb": self._max_mb})
        answer = Background(lambda: _asked(process, asked))
        if not answer.wait(time.monotonic() + self._seconds):
            self.close()
            raise DocumentError(
                f"Document {document!r} was not read within {self._seconds:g} seconds.",
                "Leave it out, or divide it.",
            )
        if not answer.result:
            self.close()
            raise DocumentError(
                f"Document {document!r} crashed its reader (exit {process.returncode}).", "Leave it out."
            )
        return _document(json.loads(answer.result), document)

    def close(self) -> None:
        """End the other process, where there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> subprocess.Popen[str]:
        # -P: the working folder is no place to import from.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
            encoding="utf-8",
        )
        return self._process


def _asked(process: subprocess.Popen[str], line: str) -> str:
    """Send a line and return the answer; "" where the process is gone."""
    try:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline()
    except (OSError, ValueError):  # the pipe broke, or was closed because the time was up
        return ""


def _document(answer: dict[str, Any], document: str) -> Document:
    if "error" in answer:
        raise DocumentError(*answer["error"])
    blocks = tuple(Block(**{**block, "heading": tuple(block["heading"])}) for block in answer["blocks"])
    return Document(**{**answer, "id": document, "blocks": blocks})


def _serve(asked: IO[str], answers: IO[str]) -> None:
    """Answer one line after another until there are no more."""
    for line in asked:
        wanted = json.loads(line)
        try:
            answer = asdict(load(Path(wanted["path"]), wanted["document"], wanted["max_mb"]))
        except DocumentError as error:
            answer = {"error": [error.message, error.hint]}
        except MemoryError:
            answer = {"error": [f"Document {wanted['document']!r} takes too much memory.", "Leave it out."]}
        except Exception as error:  # noqa: BLE001  (a parser's fault is that document's, and told)
            said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            answer = {"error": [f"Document {wanted['document']!r} cannot be read: {said}.", "Leave it out."]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _main() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        most = MEMORY_MB * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    # What a library prints must not get between the answers.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        _serve(sys.stdin, answers)


if __name__ == "__main__":
    _main()
