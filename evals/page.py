"""The report as one HTML page: a chart of dots for each score, and every sample to open."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader

if TYPE_CHECKING:
    from .report import Report

WIDTH, EDGE = 640, 14
"""Of a chart and of the room at its ends, in units of its own."""


def to_html(report: Report) -> str:
    """Write the page; whatever documents and models said is escaped."""
    folder = FileSystemLoader(Path(__file__).parent)
    jinja = Environment(loader=folder, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    charts = [_chart(row) for row in report.means if row.n]
    return jinja.get_template("report.html").render(
        report=report, header=report.log.header, charts=charts, width=WIDTH, edge=EDGE, data=report.to_json()
    )


def _chart(row: Any) -> dict[str, Any]:
    """Where the dots of one score stand: shares on 0 to 1, anything else on its own range."""
    low, high = (0.0, 1.0) if row.least >= 0 and row.most <= 1 else (min(0.0, row.least), row.most)
    span = (high - low) or 1.0

    def at(value: float) -> float:
        return round(EDGE + (WIDTH - 2 * EDGE) * (value - low) / span, 1)

    # dots that would hide one another become one larger dot with their number
    groups: dict[int, list[tuple[str, float]]] = {}
    for task, value in row.tasks.items():
        groups.setdefault(round(at(value) / 11), []).append((task, value))
    dots = [
        {
            "x": round(fmean(at(value) for _, value in members), 1),
            "radius": round(min(12.0, 3.2 + 2.2 * math.sqrt(len(members))), 1),
            "count": len(members),
            "tasks": ", ".join(f"{task} {value:.3f}" for task, value in members),
        }
        for _, members in sorted(groups.items())
    ]
    return {"row": row, "low": low, "high": high, "mean": at(row.mean), "dots": dots}
