"""Python hooks that a suite names as ``module:function``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import SettingsError


def find_hook(place: str, folder: Path) -> Callable[..., Any]:
    """Import a hook from the suite's own folder, or from where the program is run.

    Raises:
        SettingsError: It cannot be imported.
    """
    module, _, name = place.partition(":")
    added = [entry for entry in (str(folder), str(Path.cwd())) if entry not in sys.path]
    sys.path[:0] = added
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"The hook {place!r} cannot be loaded: {error}.", "It is written module:function."
        ) from error
    finally:
        for entry in added:
            sys.path.remove(entry)
    if not callable(found):
        raise SettingsError(f"The hook {place!r} is no function.", "Name a function.")
    return found  # type: ignore[no-any-return]
