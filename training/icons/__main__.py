"""Train limner-icons: ``python -m limner.training.icons --size 64``. Ctrl-C stops; the same call goes on."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from limner.errors import LimnerError
from limner.models.store import Store
from limner.settings import Settings

TEXT_MODEL = "all-minilm-l6-v2"


def text_model(folder: Path) -> Path:
    """The folder of MiniLM: what the data stage left in `folder`, else what the model store has."""
    kept = folder / "minilm"
    return kept if kept.exists() else Store(Settings().models_folder).path(TEXT_MODEL)


def main(arguments: list[str] | None = None) -> int:
    """Run the recipe as the command line says; return the exit status."""
    from .loop import Sitting, interruptible
    from .recipe import RECIPES
    from .train import STAGES, Training
    from .words import load_words

    parser = argparse.ArgumentParser(prog="training.icons", description=__doc__)
    parser.add_argument("--size", type=int, choices=sorted(RECIPES), default=64, help="side in pixels")
    parser.add_argument("--folder", type=Path, default=Path("out/icons"), help="data, checkpoints, results")
    parser.add_argument("--minilm", type=Path, help=f"folder of {TEXT_MODEL}; default: from the model store")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--only", choices=STAGES, help="one stage instead of all")
    parser.add_argument("--plain", action="store_true", help="the UNet learns the forty plain things alone")
    parser.add_argument("--every", type=int, default=500, help="steps between two checkpoints")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args(arguments)
    sitting = Sitting(time.monotonic() + 60 * given.minutes)
    try:
        words = load_words(given.minilm or text_model(given.folder))
        with interruptible(sitting):
            training = Training(
                RECIPES[given.size], given.folder, words, sitting, given.seed, given.plain, given.every
            )
            found = training.run(given.only)
    except LimnerError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
