"""Imports point one way, and `import limner` is instant."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LAYERS = [
    {"errors", "settings"},
    {"tracing"},
    {"steps"},
    {"testing"},
    {"models"},
    {"retrieval", "tools", "screening", "pictures"},
    {"agents"},
    {"graphs"},
    {"parts"},
    {"app"},
    {"evals"},
    {"cli"},
]
"""From the ground up; a module may import from its own layer and from those before it."""
UPWARD = {("app.py", "evals")}
"""The one import against the order: `Limner.evaluate` is sugar, and loads the rest when it is called."""
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
HEAVY = ["torch", "transformers", "langchain", "langchain_core", "langgraph", "chromadb", "pydantic", "numpy"]


def imported(path: Path) -> list[tuple[str, bool]]:
    """Top-level parts of the package that a file imports, and whether only for types."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    package = path.relative_to(ROOT).parts[:-1]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = (*base, *(node.module or "").split("."))
            name = target[0] or node.names[0].name
            found.append((name, id(node) in for_types))
    return found


def test_imports_point_one_way() -> None:
    wrong = []
    for part, level in LEVEL.items():
        files = (
            [ROOT / f"{part}.py"] if (ROOT / f"{part}.py").exists() else sorted((ROOT / part).rglob("*.py"))
        )
        for file in files:
            for name, for_types in imported(file):
                place = str(file.relative_to(ROOT))
                if not for_types and LEVEL.get(name, -1) > level and (place, name) not in UPWARD:
                    wrong.append(f"{file.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_every_part_has_its_layer() -> None:
    packages = {init.parent.name for init in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "examples"} <= LEVEL.keys()


def test_import_limner_is_instant() -> None:
    code = f"""
import time, sys
started = time.process_time()
import limner
spent = time.process_time() - started
heavy = [name for name in {HEAVY} if name in sys.modules]
assert not heavy, heavy
assert spent < 0.15, spent
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_face_is_its_all() -> None:
    import limner

    for name in limner.__all__:
        assert getattr(limner, name) is not None
