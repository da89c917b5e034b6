"""Type-check the checkout in place: ``python scripts/typecheck.py [mypy options]``.

The root of the repository is the package ``limner``, whatever its folder is called. Mypy reads a
module's name from the file system, so this tells it the names instead.
"""

import sys
import tomllib
from pathlib import Path

from mypy import build
from mypy.main import process_options

ROOT = Path(__file__).resolve().parent.parent
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]


def module(name: str, path: Path) -> build.BuildSource:
    """Name one file for mypy."""
    full = name if path.stem == "__init__" else f"{name}.{path.stem}"
    return build.BuildSource(str(path.relative_to(Path.cwd())), full)


def sources() -> list[build.BuildSource]:
    """Return every module of the package, then every test, every example and what trains."""
    found = []
    for name in SETUPTOOLS["packages"]:
        folder = ROOT.joinpath(*name.split(".")[1:])
        found += [module(name, path) for path in sorted(folder.glob("*.py"))]
    for name in ("tests", "examples"):
        for path in sorted((ROOT / name).rglob("*.py")):
            # folders of tests are no packages, and two of them may hold a file of the same name
            found.append(module(".".join(path.relative_to(ROOT).parent.parts), path))
    for path in sorted((ROOT / "training").rglob("*.py")):
        found.append(module(".".join(["limner", *path.relative_to(ROOT).parent.parts]), path))
    return found


def main() -> int:
    """Run mypy over every source and print what it finds."""
    _, options = process_options([*sys.argv[1:], "-c", "pass"])
    result = build.build(sources(), options)
    print(*result.errors, f"checked {len(sources())} files", sep="\n")
    return 1 if result.errors else 0


if __name__ == "__main__":
    sys.exit(main())
