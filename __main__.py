"""Run the command line with ``python -m limner``."""

from .cli import entry

if __name__ == "__main__":
    entry()
