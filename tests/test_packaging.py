"""The package list in pyproject.toml names every package folder, and nothing else."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
NOT_SHIPPED = {"tests", "examples", "scripts", "docs", "benchmarks", "training", "build", "dist"}


def package_folders() -> list[str]:
    """Every folder with an ``__init__.py``, by the name that it is imported by."""
    folders = (init.parent.relative_to(ROOT).parts for init in ROOT.rglob("__init__.py"))
    shipped = (
        parts
        for parts in folders
        if not parts or (parts[0] not in NOT_SHIPPED and not parts[0].startswith("."))
    )
    return sorted(".".join(["limner", *parts]) for parts in shipped)


def test_every_package_is_listed() -> None:
    assert sorted(PACKAGES) == package_folders()


@pytest.mark.parametrize("name", PACKAGES)
def test_package_imports(name: str) -> None:
    assert import_module(name).__doc__
