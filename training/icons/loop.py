"""A training loop that can be stopped at any step and goes on from there with the same result.

All randomness of a step comes from the seed and the step's number, so a checkpoint needs none.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from limner.errors import InputError

WARM_UP = 100
"""Steps until the learning rate is full."""


@dataclass(slots=True)
class Trained:
    """A model in training: its weights, their moving average, and the optimiser."""

    model: torch.nn.Module
    average: dict[str, torch.Tensor]
    optimiser: torch.optim.Optimizer
    rate: float
    decay: float
    step: int = 0
    seconds: float = 0.0
    """Spent on steps, over all sittings."""
    losses: list[tuple[int, float]] | None = None
    """Mean loss since the entry before, by step."""


def begin(model: torch.nn.Module, rate: float, decay: float) -> Trained:
    """Return a model at its first step."""
    average = {name: value.detach().clone() for name, value in model.named_parameters()}
    optimiser = torch.optim.AdamW(model.parameters(), rate, betas=(0.9, 0.99), weight_decay=0.01)
    return Trained(model, average, optimiser, rate, decay, losses=[])


def generators(seed: int, step: int) -> tuple[np.random.Generator, torch.Generator]:
    """The random numbers of one step: for the data, and for the noise."""
    noise = torch.Generator().manual_seed(seed * 1_000_003 + step)
    return np.random.default_rng((seed, step)), noise


def train_step(state: Trained, loss: torch.Tensor) -> None:
    """Take one step down a loss, and move the average along."""
    for group in state.optimiser.param_groups:
        group["lr"] = state.rate * min(1.0, (state.step + 1) / WARM_UP)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
    state.optimiser.step()
    state.step += 1
    decay = min(state.decay, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        for name, value in state.model.named_parameters():
            state.average[name].lerp_(value, 1 - decay)


@contextmanager
def averaged(state: Trained) -> Iterator[torch.nn.Module]:
    """Lend the model with its averaged weights."""
    own = {name: value.detach().clone() for name, value in state.model.named_parameters()}
    state.model.load_state_dict(state.average, strict=False)
    state.model.eval()
    try:
        yield state.model
    finally:
        state.model.load_state_dict(own, strict=False)
        state.model.train()


def save(state: Trained, path: Path) -> None:
    """Write a checkpoint, whole or not at all."""
    tensors = {f"model.{name}": value.detach().contiguous() for name, value in state.model.named_parameters()}
    tensors |= {f"average.{name}": value.contiguous() for name, value in state.average.items()}
    for number, values in state.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{name}": value.contiguous() for name, value in values.items()}
    facts = {"step": state.step, "seconds": state.seconds, "losses": state.losses}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    save_file(tensors, partial, metadata={"facts": json.dumps(facts)})
    partial.replace(path)


def resume(state: Trained, path: Path) -> None:
    """Go on from a checkpoint, where there is one.

    Raises:
        InputError: It is of a model of another shape.
    """
    if not path.exists():
        return
    parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "average": {}, "optimiser": {}}
    with safe_open(path, "pt") as file:
        facts = json.loads(file.metadata()["facts"])
        for key in file.keys():  # noqa: SIM118 - the file is no mapping
            part, _, name = key.partition(".")
            parts[part][name] = file.get_tensor(key)
    shapes = {name: value.shape for name, value in state.model.named_parameters()}
    if shapes != {name: value.shape for name, value in parts["model"].items()}:
        raise InputError(f"{path.name} is of a model of another shape.", "Use another folder, or delete it.")
    state.model.load_state_dict(parts["model"], strict=False)
    for name, value in parts["average"].items():
        state.average[name].copy_(value)
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in parts["optimiser"].items():
        number, _, name = key.partition(".")
        moments.setdefault(int(number), {})[name] = value
    whole = state.optimiser.state_dict()
    state.optimiser.load_state_dict({"state": moments, "param_groups": whole["param_groups"]})
    state.step, state.seconds, state.losses = facts["step"], facts["seconds"], facts["losses"]


def load_average(model: torch.nn.Module, path: Path) -> None:
    """Give a model the averaged weights of a checkpoint.

    Raises:
        InputError: There is none, or it is of a model of another shape.
    """
    if not path.exists():
        raise InputError(f"There is no {path.name} here.", f"Train it first: --only {path.stem}.")
    state = begin(model, 0.0, 0.0)
    resume(state, path)
    model.load_state_dict(state.average, strict=False)
    model.eval()


@dataclass(slots=True)
class Sitting:
    """How long one call may train: until a step, a moment, or an interrupt, whichever is first."""

    until: float = float("inf")
    """Of `time.monotonic()`."""
    stopped: bool = False

    def over(self) -> bool:
        """Tell whether to stop after the step under way."""
        return self.stopped or time.monotonic() >= self.until


@contextmanager
def interruptible(sitting: Sitting) -> Iterator[None]:
    """End a sitting after the step under way at Ctrl-C or a polite kill, instead of in the middle of it."""

    def stop(number: int, frame: Any) -> None:
        sitting.stopped = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(
    state: Trained,
    steps: int,
    loss_of: Callable[[int], torch.Tensor],
    sitting: Sitting,
    name: str,
    checkpoint: Path,
    every: int = 500,
    report: Callable[[int], str] = lambda step: "",
) -> None:
    """Train until a number of steps or the end of the sitting; save now and then, and at the end.

    Args:
        state: Resumed or fresh.
        steps: In all, over all sittings.
        loss_of: The loss of the step of a number.
        sitting: When to stop early.
        name: For the progress bar.
        checkpoint: Where to.
        every: Steps between two checkpoints and reports.
        report: Called with the step after each checkpoint; what it returns is printed.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, refresh_per_second=2) as progress:
        task = progress.add_task(name, total=steps, completed=state.step)
        sums: list[float] = []
        while state.step < steps and not sitting.over():
            started = time.monotonic()
            loss = loss_of(state.step)
            train_step(state, loss)
            state.seconds += time.monotonic() - started
            sums.append(float(loss.detach()))
            progress.update(task, advance=1, description=f"{name} {np.mean(sums):.4f}")
            if state.step % every == 0:
                assert state.losses is not None
                state.losses.append((state.step, round(float(np.mean(sums)), 5)))
                sums.clear()
                save(state, checkpoint)
                progress.console.print(f"{name} {state.step} loss {state.losses[-1][1]} {report(state.step)}")
    save(state, checkpoint)
