"""Build ``orders.sqlite``: invented customers, orders and returns of Kettlemoor Outfitters in 2026.

Usage: ``python examples/outfitter/orders.py [FILE]``. Needs only the standard library. How they are invented
stands in ``store/``.
"""

from __future__ import annotations

import argparse
import importlib.util
import sqlite3
import sys
from pathlib import Path
from types import ModuleType


def _store() -> ModuleType:
    """The package ``store/`` beside this file, wherever this file is loaded from."""
    folder = Path(__file__).with_name("store")
    spec = importlib.util.spec_from_file_location(
        "outfitter_store", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    if spec.name in sys.modules:
        return sys.modules[spec.name]
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AS_OF, SCHEMA, build = _store().AS_OF, _store().SCHEMA, _store().build


def main() -> int:
    """Read the output path from the command line, build the database and report the number of rows."""
    parser = argparse.ArgumentParser(
        description="Build the invented order database of Kettlemoor Outfitters."
    )
    parser.add_argument("path", nargs="?", type=Path, default=Path("orders.sqlite"), help="output file")
    path: Path = parser.parse_args().path
    try:
        counts = build(path)
    except (OSError, sqlite3.Error) as error:
        print(f"orders.py: {error}", file=sys.stderr)
        return 1
    print(f"{path}: " + ", ".join(f"{count} {table}" for table, count in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
