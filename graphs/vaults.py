"""The personal data of a run: kept beside its records, never in them."""

from __future__ import annotations

import json
from contextvars import ContextVar
from pathlib import Path

from ..screening import Vault
from .folder import write_atomically

_FILE = ".vault.json"
arriving: ContextVar[Vault | None] = ContextVar("limner_arriving_vault", default=None)
"""The personal data of the message that is being taken in: it must not reach the run's records."""


def vault_of(folder: Path) -> Vault:
    """What a run's folder keeps."""
    path = folder / _FILE
    return Vault(json.loads(path.read_text("utf-8")) if path.exists() else None)


def keep_vault(folder: Path, vault: Vault) -> None:
    """Keep it in the run's folder."""
    write_atomically(folder / _FILE, json.dumps(vault.values).encode())
