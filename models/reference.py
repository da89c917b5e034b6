"""References: the short text that names a model anywhere in Limner."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ..errors import InputError

ReferenceKind = Literal["catalog", "hf", "path", "openai", "scripted", "cassette"]

_FORMS = (
    "Write a catalog name (`limner models list`), hf:org/name@revision, path:FOLDER-or-FILE.gguf, "
    "openai:http://host:8000/v1#model, scripted:FILE, or cassette:FILE."
)
_CATALOG_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HUB_NAME = re.compile(r"([A-Za-z0-9][\w.-]*/[\w.-]+)(?:@([\w./-]+))?")


@dataclass(frozen=True, slots=True)
class Reference:
    """One parsed reference."""

    kind: ReferenceKind
    target: str
    """Catalog name, `org/name`, path, base URL, script or cassette file, by `kind`."""
    revision: str | None = None
    """Of `hf` alone: branch, tag or commit; None takes the hub's default branch."""
    model: str | None = None
    """Of `openai` alone: the model's name on that server."""

    def __str__(self) -> str:
        prefix = "" if self.kind == "catalog" else f"{self.kind}:"
        revision = f"@{self.revision}" if self.revision else ""
        return f"{prefix}{self.target}{revision}" + (f"#{self.model}" if self.model else "")


def parse_reference(text: str) -> Reference:
    """Read a reference without looking at disk or network.

    Raises:
        InputError: `text` has none of the six forms.
    """
    text = text.strip()
    prefix, colon, rest = text.partition(":")
    if not colon:
        if _CATALOG_NAME.fullmatch(text):
            return Reference("catalog", text)
        raise InputError(f"{text!r} does not name a model.", _FORMS)
    match prefix:
        case "hf":
            found = _HUB_NAME.fullmatch(rest)
            if not found:
                raise InputError(
                    f"{text!r} is not a hub reference.", "Write hf:org/name or hf:org/name@revision."
                )
            return Reference("hf", found[1], revision=found[2])
        case "path" | "scripted" | "cassette" if rest:
            return Reference(prefix, rest)
        case "openai":
            url, _, model = rest.partition("#")
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or not model:
                raise InputError(
                    f"{text!r} does not name a server and its model.",
                    "Write openai:http://host:8000/v1#model.",
                )
            return Reference("openai", url, model=model)
        case _:
            raise InputError(f"{text!r} does not name a model.", _FORMS)
