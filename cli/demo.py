"""``limner demo``: demonstrations that need no model and no download."""

from __future__ import annotations

import typer

from .common import Json
from .output import err, print_json, print_result, table

app = typer.Typer(help="Demonstrations that need no model and no download.", no_args_is_help=True)


@app.callback()
def demonstrations() -> None:
    """Demonstrations that need no model and no download."""


@app.command()
def faults(json: Json = False) -> None:
    """Break a model in eight ways, under plain LangGraph and under a guarded step."""
    from .faults import busy_threads, compare

    with err.status("breaking a model in eight ways, twice"):
        rows = compare()
    if json:
        print_json({"rows": rows})
        return
    cells = (
        (
            row["fault"],
            row["langgraph"]["outcome"],
            f"{row['langgraph']['seconds']:.2f}",
            f"{row['limner']['source']}, {'valid' if row['limner']['valid'] else 'INVALID'}",
            f"{row['limner']['seconds']:.2f}",
            row["limner"]["reason"],
        )
        for row in rows
    )
    print_result(
        table(["fault", "LangGraph", "s", "Limner", "s", "why, on Limner's receipt"], cells, numbers=(2, 4))
    )
    err.print(
        "\nLangGraph has its retry policy, timeout and error handler, and the same check; its state says"
        "\nno more than what its author put there. A step of Limner gives its whole time to one call and"
        "\none repair, and its receipt says what was not the model's, and why."
        f"\n{busy_threads()} threads still sit in calls that never return; nobody waits for them.",
        soft_wrap=True,
    )
