"""An agent over tools of your own: `python examples/tool_agent.py "What is the total of W123 and W456?"`.

It plans the calls, makes them side by side, works with their results by reference, and answers from these
alone. Without a model the plan comes from the words of the question.
"""

import sys
from typing import Any

from limner import Limner, Run, tool
from limner.tools import RefusedError

ORDERS = {"W123": (129.00, "packed"), "W456": (61.50, "on its way")}
STOCK = {"tent": 4, "stove": 0}


@tool()
def find_order(order: str) -> dict[str, Any]:
    """Look up an order, such as W100: its status and its total in dollars."""
    if order not in ORDERS:
        raise RefusedError(f"There is no order {order}.")
    total, status = ORDERS[order]
    return {"order": order, "status": status, "total": total}


@tool()
def stock(product: str) -> dict[str, Any]:
    """How many of a product are in stock."""
    return {"product": product, "pieces": STOCK.get(product.lower().rstrip("s"), 0)}


@tool(effect=True)
def cancel_order(order: str) -> str:
    """Cancel an order, such as W100. A person has to approve it first."""
    del ORDERS[order]
    return f"Order {order} is canceled."


def ask(question: str, model: Any = "") -> Run[Any]:
    """Answer a question; a reference such as "qwen2.5-coder-1.5b-instruct" lets a model plan."""
    with Limner(model=model, embeddings="", tools=[find_order, stock, cancel_order]) as app:
        return app.run("research", {"question": question}, deadline=60)


if __name__ == "__main__":
    run = ask(*sys.argv[1:3])
    print(run.output.text if run.status == "completed" else f"{run.run_id} waits: {run.waiting_for}")
