"""A process that is killed between an effect and its result: ``dying.py JOURNAL EFFECTS``."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from limner.tools import Journal, call_tool, tool


@tool(effect=True)
def write(line: str) -> str:
    """Append a line, and die before anyone hears of it."""
    with Path(sys.argv[2]).open("a") as file:
        file.write(line + "\n")
    os.kill(os.getpid(), signal.SIGKILL)
    return "written"


asyncio.run(call_tool(write, {"line": "once"}, journal=Journal(Path(sys.argv[1])), key="k", subject=None))
