"""What every test gets: a home of its own, no inherited settings, and no way to the network."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# CI tries the same examples each time; people's machines look for new ones
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "search")

STORE = Path(
    os.environ.get("LIMNER_MODELS") or Path(os.environ.get("LIMNER_HOME", "~/.limner")) / "models"
).expanduser()
"""The models of the machine; tests marked `weights` read it, and never write."""


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home folder, and an environment without settings of ours."""
    for name in list(os.environ):
        if name.startswith(("LIMNER_", "LANGSMITH_", "LANGCHAIN_", "OTEL_")):
            monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LIMNER_HOME", str(folder))
    monkeypatch.setenv("LIMNER_MODELS", str(STORE))
    return folder


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that connects to anything but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test connected to {address!r}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs weights that are not here."""
    here = (STORE / "all-minilm-l6-v2").exists() and (STORE / "smollm2-135m-instruct").exists()
    if not here:
        skip = pytest.mark.skip(reason="the store has no weights; run `make models`")
        for item in items:
            if "weights" in item.keywords:
                item.add_marker(skip)
