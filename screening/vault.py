"""The vault: which placeholder stands for which masked value, for one conversation."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"\[([a-z]+)-(\d+)\]")


class Vault:
    """Gives each value a stable placeholder such as ``[email-1]``, and takes it back. Thread-safe.

    Args:
        values: Placeholder to value, as an earlier vault of the same conversation left in `values`.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, str] = dict(values or {})
        self._names = {(_kind(name), value): name for name, value in self._values.items()}

    def __repr__(self) -> str:
        return f"<vault of {len(self._values)} values>"

    @property
    def values(self) -> dict[str, str]:
        """Placeholder to value; personal data, to be kept as such."""
        with self._lock:
            return dict(self._values)

    def put(self, kind: str, value: str) -> str:
        """Return the placeholder of a value, the same one each time."""
        with self._lock:
            name = self._names.get((kind, value))
            if name is None:
                number = 1 + sum(_kind(known) == kind for known in self._values)
                name = f"[{kind}-{number}]"
                self._names[kind, value] = name
                self._values[name] = value
            return name

    def restore(self, data: Any, kinds: Collection[str] | None = None) -> Any:
        """Put the values back into a text, or into every text of JSON data.

        Args:
            data: What a tool is to be called with.
            kinds: Only values of these kinds: a tool gets what it needs, and no more. None: all.
        """
        if isinstance(data, str):
            values = self.values
            return _PLACEHOLDER.sub(
                lambda found: (
                    values.get(found[0], found[0]) if kinds is None or found[1] in kinds else found[0]
                ),
                data,
            )
        if isinstance(data, Mapping):
            return {key: self.restore(item, kinds) for key, item in data.items()}
        if isinstance(data, list | tuple):
            return [self.restore(item, kinds) for item in data]
        return data


def _kind(placeholder: str) -> str:
    found = _PLACEHOLDER.fullmatch(placeholder)
    return found[1] if found else ""
