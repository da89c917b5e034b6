"""Numbers of answers, and questions without one: ``python benchmarks/support_numbers.py DATA [--model REF]``.

Questions are made of the example store's documents and the tau2 policies of DATA: of every heading, and of
every sentence with a number, once as it is, once with the number left out, and once with another number in
its place. A number of a reply that stands in none of the passages which the reply cites is stray. Then the
store's unanswerable questions are asked, and those of ``unanswerable.jsonl``: one that is answered counts
against the bot.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from limner import Limner
from limner.agents.articles.questions import question
from limner.retrieval.sentences import sentences

HERE = Path(__file__).resolve().parent
STORE = HERE.parent / "examples" / "outfitter"
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def documents(data: Path) -> dict[str, list[Path]]:
    """Each bot's documents; policies that are not there are left out."""
    policies = {path.parent.name: [path] for path in sorted(data.glob("tau2_*/*policy.md"))}
    return {"store": [STORE / "knowledge"], **policies}


def asked(paths: list[Path]) -> Iterator[str]:
    """Questions made of the documents' headings, and of their sentences with numbers."""
    for path in [
        found for each in paths for found in ([each] if each.is_file() else sorted(each.glob("*.md")))
    ]:
        text = path.read_text("utf-8")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
            yield question(heading)
        for sentence in sentences(text):
            line = sentence.line.rstrip(".")
            if not NUMBER.search(line) or line.startswith(("|", "#")):
                continue
            yield f"Is it true that {line[:1].lower()}{line[1:]}?"
            yield f"How much or how many: {NUMBER.sub('...', line)}?"
            yield f"Is it true that {NUMBER.sub(lambda match: str(int(match[0][0]) + 2) + match[0], line)}?"


def unanswerable() -> dict[str, list[str]]:
    """Questions that the documents do not answer, by bot."""
    made: dict[str, list[str]] = {"store": []}
    for line in (STORE / "questions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["document"] is None:
            made["store"].append(row["question"])
    for line in (HERE / "unanswerable.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        made.setdefault(row["policy"], []).append(row["question"])
    return made


def stray(reply: Any) -> list[str]:
    """The numbers of a reply that no cited passage holds, besides those of the question that it repeats."""
    said = re.sub(r"About “[^”]*”:", "", reply.text)
    held = set(NUMBER.findall(" ".join(citation.quote for citation in reply.citations)))
    return [number for number in NUMBER.findall(said) if number not in held]


def measure(data: Path, model: str, embeddings: str, every: int) -> dict[str, Any]:
    """Ask everything, and count."""
    numbers, lost, strays = Counter[str](), Counter[str](), list[dict[str, Any]]()
    told: dict[str, Counter[str]] = {}
    wrong = []
    without = unanswerable()
    with tempfile.TemporaryDirectory(prefix="limner-numbers-") as home:
        for bot, paths in documents(data).items():
            options = {} if embeddings == "default" else {"embeddings": embeddings}
            with Limner(model=model, home=Path(home) / bot, knowledge=paths, **options) as app:
                for said in list(asked(paths))[::every]:
                    reply = app.ask(said)
                    found = stray(reply)
                    numbers[reply.status] += 1
                    lost["with a number"] += bool(NUMBER.search(reply.text))
                    strays += [{"question": said, "numbers": found, "text": reply.text}] if found else []
                told[bot] = Counter()
                for said in without.get(bot, []):
                    reply = app.ask(said)
                    told[bot][reply.status] += 1
                    wrong += (
                        [{"question": said, "text": reply.text[:300]}] if reply.status == "answered" else []
                    )
    count = sum(sum(each.values()) for each in told.values())
    return {
        "model": model or "none",
        "questions": sum(numbers.values()),
        "statuses": dict(numbers),
        "replies with a number": lost["with a number"],
        "replies with a stray number": len(strays),
        "stray": strays,
        "unanswerable": count,
        "not answered": round(1 - len(wrong) / count, 4),
        "by bot": {bot: dict(each) for bot, each in told.items()},
        "answered all the same": wrong,
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description="Stray numbers, and unanswerable questions.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="", help="chat model reference; none by default")
    parser.add_argument("--embeddings", default="default", help="embeddings reference; '' for none")
    parser.add_argument("--every", type=int, default=1, help="only every so many generated questions")
    given = parser.parse_args()
    print(json.dumps(measure(given.data, given.model, given.embeddings, given.every), indent=1))


if __name__ == "__main__":
    main()
