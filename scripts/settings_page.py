"""Write docs/settings.md from the settings themselves: ``python scripts/settings_page.py``.

A test holds the page equal to what this makes, so the two cannot drift apart.
"""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from limner import settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
HEAD = """# Settings

Every key of limner.toml has a default. Later wins: defaults, `limner.toml`, environment, arguments. In the
environment a key is `LIMNER_KEY`, or `LIMNER_TABLE__KEY` for a key of a table (`LIMNER_MODEL__NAME`).
"""


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """The text under each field of a class."""
    body = ast.parse(inspect.getsource(model).lstrip()).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=text):
                found[name] = str(ast.literal_eval(text))
    return found


def default(field: FieldInfo) -> str:
    """A default as it is written in TOML."""
    if field.default_factory is not None:
        return "`~/.limner`" if "Path" in str(field.annotation) else ""
    value: Any = field.default
    return "none" if value is None else f"`{json.dumps(value, default=str)}`"


def rows(model: type[BaseModel], names: list[str]) -> list[str]:
    """One table of keys."""
    told = descriptions(model)
    lines = ["| key | default | what |", "|---|---|---|"]
    for name in names:
        text = " ".join(told.get(name, "").replace("|", "or").split())
        lines.append(f"| `{name}` | {default(model.model_fields[name])} | {text} |")
    return lines


def page() -> str:
    """The whole page."""
    top, tables = settings.Settings.model_fields, []
    for name, field in top.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, settings.Section):
            about = " ".join((field.annotation.__doc__ or "").split()).partition(": ")[2]
            tables += ["", f"## [{name}]", "", about[:1].upper() + about[1:], ""]
            tables += rows(field.annotation, list(field.annotation.model_fields))
    plain = [name for name in top if f"## [{name}]" not in tables]
    return "\n".join([HEAD, *rows(settings.Settings, plain), *tables, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
