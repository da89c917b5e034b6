"""One JSON object as one line of a file."""

import json
from typing import Any

import orjson


def json_line(data: Any) -> bytes:
    """Encode `data` with a line break at the end; what has no JSON form is told by its text."""
    try:
        return orjson.dumps(data, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)
    except TypeError:
        # broken Unicode, which models and file names may hold: escaped, it is still JSON
        return json.dumps(data, default=str).encode() + b"\n"
