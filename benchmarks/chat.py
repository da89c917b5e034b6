"""Chat models on the same weights, side by side: `limner bench chat`.

Each side is a process of its own (`chat_sides`), loaded once. In every round each side in turn gets the same
prompts, which no round before had; the order of the sides turns from round to round, so that a change of load
meets all. Ratios are medians of those within a round. What was measured is kept in ``chat.partial.jsonl`` of
the out folder: a run that was cut off goes on from there when it is started with the same options.

The peers come with ``pip install 'limner[bench]'``, but for two. ChatHuggingFace wants an older hub client:
``pip install --no-deps --target build/bench-peers langchain-huggingface 'huggingface-hub<2'``. And a
``llama-server`` on the path, built for this CPU, goes before the portable one of xllamacpp, which is slower.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import select
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PEER_PACKAGES = HERE.parent / "build" / "bench-peers"
"""Packages that do not go with Limner's own: langchain-huggingface wants an older huggingface-hub."""
OURS = ("limner openvino", "limner torch")
PEERS = (
    "llama.cpp server",
    "transformers continuous batching",
    "transformers generate",
    "ChatHuggingFace",
    "smolagents",
)
FOLLOWS_SCHEMAS = (*OURS, "llama.cpp server")
ONE_BY_ONE = ("ChatHuggingFace", "smolagents")
"""Sides that do not batch: they take the longest: first round only, no mixed lengths."""
LOAD_SECONDS, ANSWER_SECONDS = 600, 1800
"""A side that takes longer is left out from there on."""
SCHEMA = {
    "type": "object",
    "properties": {"story": {"type": "string", "minLength": 180, "maxLength": 400}},
    "required": ["story"],
    "additionalProperties": False,
}
"""Long enough that answers end where those without a schema do: shorter ones would weigh prompts more."""
LEAST = 48
"""Tokens that an answer under the schema has room in."""
ANIMALS = (
    "fox owl whale horse spider heron badger lynx salmon raven tortoise hare otter moth bear crane".split()
)


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    model: str = "smollm2-135m-instruct"
    peers: bool = False
    rounds: int = 3
    concurrency: tuple[int, ...] = (1, 8, 32)
    tokens: int = 48
    mixed: int = 64
    """Requests of 8 to 128 tokens; 0 leaves them out."""
    grammar: int = 8
    """Requests with and without a schema; 0 leaves them out."""
    threads: int = os.cpu_count() or 1

    @property
    def sides(self) -> tuple[str, ...]:
        """Who takes part."""
        return (*OURS, *PEERS) if self.peers else OURS

    @property
    def rows(self) -> int:
        """Requests that a side may compute together."""
        return max(self.concurrency)

    def workloads(self, turn: int) -> Iterator[tuple[str, list[tuple[str, int, Any]]]]:
        """Yield each workload's name and its requests in one round."""
        for count in self.concurrency:
            yield f"{count} at once", [(_prompt(turn, count, at), self.tokens, None) for at in range(count)]
        if self.mixed:
            lengths = [8 + at * 37 % 121 for at in range(self.mixed)]
            yield "mixed", [(_prompt(turn, 0, at), length, None) for at, length in enumerate(lengths)]
        if self.grammar:
            for name, schema in (("grammar off", None), ("grammar on", SCHEMA)):
                asked = [_prompt(turn, -len(name), at) for at in range(self.grammar)]
                yield name, [(prompt, max(self.tokens, LEAST), schema) for prompt in asked]


@dataclass(frozen=True)
class Measured:
    """One side's answers to one workload in one round."""

    turn: int
    workload: str
    side: str
    wall: float
    """Seconds."""
    answers: tuple[tuple[float, int], ...]
    """Of each request: seconds from the start of all, and tokens."""

    @property
    def speed(self) -> float:
        """Tokens a second, over all requests."""
        return sum(tokens for _, tokens in self.answers) / self.wall


def takes_part(side: str, workload: str, turn: int) -> bool:
    """Tell whether a side is asked a workload in a round."""
    if workload.startswith("grammar"):
        return side in FOLLOWS_SCHEMAS
    return side not in ONE_BY_ONE or (turn == 0 and workload != "mixed")


class SideError(Exception):
    """A side is absent, or failed; the message says which."""


class RefusedError(SideError):
    """A side refused these requests; it can be asked others."""


class Process:
    """A side in a process of its own."""

    def __init__(self, side: str, plan: Plan) -> None:
        path = [entry for entry in sys.path if entry]
        if side == "ChatHuggingFace" and importlib.util.find_spec("langchain_huggingface") is None:
            path.insert(0, str(PEER_PACKAGES))
        # Idle threads that spin would slow down whoever shares the machine, and each side itself.
        environment = {"OMP_WAIT_POLICY": "PASSIVE"} | os.environ | {"OMP_NUM_THREADS": str(plan.threads)}
        environment |= {
            "PYTHONPATH": os.pathsep.join(path),
            "HF_HUB_OFFLINE": "1",
            "PYTHONWARNINGS": "ignore",
        }
        self._side = side
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, HERE / "chat_sides.py", side, plan.model, str(plan.threads), str(plan.rows)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            text=True,
            start_new_session=True,
        )
        try:
            said = self._hear(LOAD_SECONDS)
            if "absent" in said:
                raise SideError(f"not installed: {said['absent']}")
        except BaseException:
            self.close()
            raise
        self.about = str(said["ready"])

    def ask(self, requests: Sequence[Any]) -> tuple[float, tuple[tuple[float, int], ...]]:
        """Return the wall-clock seconds of all requests, and each one's seconds and tokens.

        Raises:
            RefusedError: It does not do what is asked.
            SideError: It failed or took too long.
        """
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"requests": requests}) + "\n")
            self._process.stdin.flush()
        said = self._hear(ANSWER_SECONDS)
        if "refused" in said:
            raise RefusedError(f"it refused: {said['refused']}")
        return said["wall"], tuple((seconds, tokens) for seconds, tokens in said["answers"])

    def close(self) -> None:
        """End the process, and a server that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()

    def _hear(self, limit: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], limit)[0]:
            raise SideError(f"no answer within {limit:g} s")
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            last = self._errors.read().strip().splitlines()[-1:] or ["it said nothing"]
            raise SideError(f"ended: {last[0][:300]}")
        said: dict[str, Any] = json.loads(line)
        return said


def main(plan: Plan, out: Path | None = None) -> dict[str, Any]:
    """Measure what can be measured here and return the figures; write them into `out`, if given."""
    kept = None if out is None else Kept(out / "chat.partial.jsonl", plan)
    measured = [] if kept is None else kept.measured
    about, left_out = measure(plan, measured, kept)
    result = {
        "machine": machine(plan.threads),
        "plan": asdict(plan),
        "sides": about,
        "left_out": left_out,
        **figures(plan, measured),
    }
    if out is not None and kept is not None:
        (out / "chat.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
        (out / "chat.md").write_text(markdown(result), "utf-8")
        _sibling("chat_chart").draw(result, out / "chat.png")
        if not result["complete"]:
            _say(f"Not all was measured; the same command goes on from {kept.path}")
        else:
            kept.path.unlink()
    return result


def measure(plan: Plan, measured: list[Measured], kept: Kept | None) -> tuple[dict[str, str], dict[str, str]]:
    """Fill in what is missing; return what each side is, and why some are left out."""
    about: dict[str, str] = {}
    left_out: dict[str, str] = {}
    done = {(one.turn, one.workload, one.side) for one in measured}
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        running: dict[str, Process] = {}
        for side in plan.sides:
            try:
                running[side] = process = Process(side, plan)
                stack.callback(process.close)
                about[side] = process.about
                _say(f"{side}: ready")
            except SideError as error:
                left_out[side] = str(error)
                _say(f"{side}: left out, {error}")
        for turn in range(plan.rounds):
            for workload, requests in plan.workloads(turn):
                names = list(running)
                for side in names[turn % len(names) :] + names[: turn % len(names)] if names else ():
                    if not takes_part(side, workload, turn) or (turn, workload, side) in done:
                        continue
                    try:
                        one = Measured(turn, workload, side, *running[side].ask(requests))
                    except RefusedError as error:
                        left_out[side] = f"{workload}: {error}"
                        _say(f"{side}: {left_out[side]}")
                        continue
                    except SideError as error:
                        left_out[side] = f"{workload}: {error}"
                        del running[side]
                        _say(f"{side}: left out from here on, {left_out[side]}")
                        continue
                    measured.append(one)
                    if kept is not None:
                        kept.add(one)
                    _say(f"round {turn + 1}/{plan.rounds}, {workload}, {side}: {one.speed:.1f} tokens/s")
    return about, left_out


class Kept:
    """The file that remembers what was measured, of one plan on one machine."""

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self.measured: list[Measured] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"plan": asdict(plan), "machine": platform.node()}) + "\n"
        lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
        if not lines or lines[0] != head:
            path.write_text(head, "utf-8")
            return
        for line in lines[1:]:
            with suppress(ValueError):  # the last one may have been cut off
                self.measured.append(Measured(**json.loads(line)))
        _say(f"{len(self.measured)} measurements are there already, of an earlier run")

    def add(self, one: Measured) -> None:
        """Write one measurement down."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one)) + "\n")


def figures(plan: Plan, measured: Sequence[Measured]) -> dict[str, Any]:
    """Return medians, latencies and ratios of what was measured."""
    by_side: dict[str, dict[str, list[Measured]]] = {}
    for one in measured:
        by_side.setdefault(one.side, {}).setdefault(one.workload, []).append(one)
    rows = {
        side: {name: _row(ones) for name, ones in workloads.items()} for side, workloads in by_side.items()
    }
    ratios: dict[str, dict[str, dict[str, float]]] = {}
    for ours in OURS:
        for side, workloads in by_side.items():
            for name, theirs in workloads.items():
                mine = {one.turn: one.speed for one in by_side.get(ours, {}).get(name, [])}
                pairs = [mine[one.turn] / one.speed for one in theirs if one.turn in mine]
                if pairs and side != ours:
                    ratios.setdefault(ours, {}).setdefault(side, {})[name] = round(
                        statistics.median(pairs), 2
                    )
    grammar = {}
    for side, workloads in by_side.items():
        off = {one.turn: one.speed for one in workloads.get("grammar off", [])}
        pairs = [one.speed / off[one.turn] for one in workloads.get("grammar on", []) if one.turn in off]
        if pairs:
            grammar[side] = round(statistics.median(pairs), 2)
    expected = {name for name, _ in plan.workloads(0)}
    complete = all(
        len(rows_of.get(name, [])) == sum(takes_part(side, name, turn) for turn in range(plan.rounds))
        for side, rows_of in by_side.items()
        for name in expected
    )
    return {"rows": rows, "ratios": ratios, "grammar_on_off": grammar, "complete": complete and bool(rows)}


def _row(ones: Sequence[Measured]) -> dict[str, float]:
    latencies = sorted(seconds for one in ones for seconds, _ in one.answers)
    return {
        "tokens_per_second": round(statistics.median(one.speed for one in ones), 1),
        "p50_seconds": round(statistics.median(latencies), 2),
        "p95_seconds": round(latencies[min(len(latencies) - 1, int(len(latencies) * 0.95))], 2),
        "tokens": sum(tokens for one in ones for _, tokens in one.answers),
        "rounds": len(ones),
    }


def machine(threads: int) -> dict[str, Any]:
    """Name the hardware, and how busy it was at the end."""
    names = [
        line.partition(":")[2].strip()
        for line in (
            Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
        ).split("\n")
        if line.startswith("model name")
    ]
    return {
        "cpu": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "load_average": [round(value, 1) for value in os.getloadavg()],
        "python": platform.python_version(),
    }


def markdown(result: dict[str, Any]) -> str:
    """Return the figures as a page."""
    rows, plan = result["rows"], result["plan"]
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    title = f"{plan['model']}, {plan['tokens']} tokens each, medians of {plan['rounds']} interleaved rounds"
    lines = ["# Chat models side by side", "", f"{title}. Measured on: {json.dumps(result['machine'])}.", ""]
    lines += [
        "Tokens a second, and in brackets the seconds until half and 95 % of the answers were there. `mixed`"
        f" is {plan['mixed']} requests of 8 to 128 tokens; `grammar` is {plan['grammar']} with and without a"
        " JSON schema. ChatHuggingFace and smolagents do not batch: their figures are of one round.",
        "",
        *_table(
            ["", *names],
            [[side, *[_cell(row.get(name)) for name in names]] for side, row in rows.items()],
        ),
        "",
        "![tokens a second](chat.png)",
        "",
        "## Ratios",
        "",
    ]
    for ours, others in result["ratios"].items():
        body = [
            [side, *[f"{row[name]:.2f}" if name in row else "" for name in names]]
            for side, row in others.items()
        ]
        lines += [f"`{ours}` to:", "", *_table(["", *names], body), ""]
    lines += [f"Grammar on to off: {json.dumps(result['grammar_on_off'])}.", "", "## Sides", ""]
    lines += [f"- {side}: {about}" for side, about in result["sides"].items()]
    lines += [f"- {side}: left out: {reason}" for side, reason in result["left_out"].items()]
    lines += [
        "",
        "## Again",
        "",
        "`limner bench chat --peers --out docs/benchmarks`, on a machine that does nothing else.",
        "`benchmarks/chat.py` says where the peers come from.",
    ]
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, float] | None) -> str:
    if row is None:
        return ""
    return f"{row['tokens_per_second']:.1f} ({row['p50_seconds']:.1f}, {row['p95_seconds']:.1f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows)]


def _prompt(turn: int, workload: int, at: int) -> str:
    """Return a prompt that is long in the answering and asked once: no side can have it from before."""
    number = int.from_bytes(hashlib.sha256(f"{turn} {workload} {at}".encode()).digest()[:4], "big")
    animal, other = ANIMALS[number % 16], ANIMALS[number // 16 % 16]
    return f"Tell tale number {number % 9973}, a very long one, of a {animal} that met a {other}."


def _sibling(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(main(Plan(peers="--peers" in sys.argv)), indent=1))
