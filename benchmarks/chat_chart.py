"""The chart of `limner bench chat`: tokens a second by side, one panel for each workload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

OURS, THEIRS = "#1f6f8b", "#b8b8b8"


def draw(result: dict[str, Any], path: Path) -> None:
    """Write the chart as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = result["rows"]
    names = [
        name for name in dict.fromkeys(name for row in rows.values() for name in row) if "grammar" not in name
    ]
    sides = [side for side in rows if any(name in rows[side] for name in names)][::-1]
    figure, panels = pyplot.subplots(
        1, len(names), figsize=(2.2 + 2.6 * len(names), 0.9 + 0.42 * len(sides)), sharey=True, squeeze=False
    )
    for name, panel in zip(names, panels[0], strict=True):
        speeds = [rows[side].get(name, {}).get("tokens_per_second", 0.0) for side in sides]
        colours = [OURS if side.startswith("limner") else THEIRS for side in sides]
        bars = panel.barh(sides, speeds, color=colours, height=0.7)
        panel.bar_label(
            bars, labels=[f"{speed:.0f}" if speed else "" for speed in speeds], padding=3, fontsize=9
        )
        panel.set_title(name, fontsize=10)
        panel.set_xlim(0, max(speeds, default=1.0) * 1.2 or 1.0)
        panel.tick_params(labelsize=9, length=0)
        panel.set_xticks([])
        for edge in ("top", "right", "bottom"):
            panel.spines[edge].set_visible(False)
    plan, machine = result["plan"], result["machine"]
    figure.suptitle(
        f"Tokens a second: {plan['model']}, {plan['tokens']} tokens each, {machine['threads']} threads",
        fontsize=11,
        x=0.01,
        ha="left",
    )
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
