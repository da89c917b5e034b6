"""How well the router tells 77 intents of bank customers apart: ``python benchmarks/routing.py DATA [SVG]``.

DATA is a JSON-lines file of ``{"text", "category"}``, such as banking77's train split. Ten folds: every
figure is of messages that the head in question was not trained on. SVG gets the calibration plot.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from limner import Limner
from limner.agents.messages.intents import Intents, read_intents
from limner.agents.messages.training import Bin, train
from limner.agents.router import Router

TIMED = 300
SIZE, EDGE = 320, 44


def read(path: str) -> Intents:
    """Read the data as intents that name no tool."""
    examples: dict[str, list[str]] = {}
    for line in Path(path).read_text("utf-8").splitlines():
        row = json.loads(line)
        examples.setdefault(row["category"], []).append(row["text"])
    rows = [
        {"name": name, "description": name, "examples": texts} for name, texts in sorted(examples.items())
    ]
    return read_intents({"intents": rows}, path)


def plot(bins: Sequence[Bin], title: str) -> str:
    """Draw confidence against accuracy as an SVG; the area of a dot is the number of messages."""

    def at(value: float) -> float:
        return EDGE + value * (SIZE - 2 * EDGE)

    marks = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        marks.append(f'<text x="{at(tick):.0f}" y="{SIZE - EDGE + 16}" text-anchor="middle">{tick:g}</text>')
        marks.append(f'<text x="{EDGE - 6}" y="{SIZE - at(tick) + 4:.0f}" text-anchor="end">{tick:g}</text>')
    most = max(part.count for part in bins)
    for part in bins:
        size = 3 + 9 * (part.count / most) ** 0.5
        place = f'cx="{at(part.confidence):.1f}" cy="{SIZE - at(part.accuracy):.1f}"'
        marks.append(f'<circle {place} r="{size:.1f}"><title>{part.count} messages</title></circle>')
    low, high, middle = EDGE, SIZE - EDGE, SIZE / 2
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" font-family="sans-serif" '
            'font-size="11" fill="#333">',
            f'<rect width="{SIZE}" height="{SIZE}" fill="#fff"/>',
            f'<text x="{middle}" y="20" text-anchor="middle" font-size="13">{title}</text>',
            f'<path d="M{low} {low}V{high}H{high}" fill="none" stroke="#333"/>',
            f'<path d="M{low} {high}L{high} {low}" stroke="#999" stroke-dasharray="4 4"/>',
            '<g fill="#1f6f8b" fill-opacity=".75">',
            *(mark for mark in marks if mark.startswith("<circle")),
            "</g>",
            *(mark for mark in marks if mark.startswith("<text")),
            f'<text x="{middle}" y="{SIZE - 8}" text-anchor="middle">confidence</text>',
            f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">'
            "accuracy</text>",
            "</svg>\n",
        ]
    )


def main(data: str, target: str = "") -> dict[str, Any]:
    """Train, hold out, time; write the plot where a file is named."""
    intents = read(data)
    with Limner(model="") as app:
        embeddings = app.embeddings
        assert embeddings is not None
        started = time.perf_counter()
        trained = train(intents, embeddings)
        seconds = time.perf_counter() - started
        router = Router(intents, trained.heads, embeddings)
        times = []
        for text, _ in intents.examples[:: len(intents.examples) // TIMED]:
            begun = time.perf_counter()
            router.route(text)
            times.append((time.perf_counter() - begun) * 1000)
    if target:
        Path(target).write_text(plot(trained.bins, "Routing: banking77, held-out folds"), "utf-8")
    return {
        "messages": len(intents.examples),
        "intents": len(intents.intents),
        "folds": trained.folds,
        "accuracy": trained.heads.accuracy,
        "clear_by_words": round(trained.clear, 4),
        "calibration_error": round(trained.error, 4),
        "ms_mean": round(statistics.mean(times), 2),
        "ms_median": round(statistics.median(times), 2),
        "ms_p95": round(statistics.quantiles(times, n=20)[-1], 2),
        "training_seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:]), indent=1))
