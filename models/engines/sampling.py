"""Choosing the next token of each row: grammar mask, temperature, top-p, seed, or a forced text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from .rows import Row

_CANDIDATES = 512
"""Top-p is taken over the likeliest tokens alone: sorting a whole vocabulary costs more than a step."""


def choose_next(logits: torch.Tensor, rows: Sequence[Row]) -> list[int]:
    """Choose each row's next token from its logits, shape (rows, vocabulary), float32.

    A row with a forced text gets its next token, and adds up how likely it was.
    """
    requests = [row.ticket.request for row in rows]
    tokens = choose(
        mask_logits(logits, [row.matcher for row in rows]),
        [0.0 if row.forced else row.ticket.request.temperature for row in rows],
        [request.top_p for request in requests],
        [row.generator for row in rows],
    )
    forced = [place for place, row in enumerate(rows) if row.forced]
    if forced:
        wanted = [rows[place].forced[0] for place in forced]
        chances = logits[forced].log_softmax(dim=-1)[range(len(forced)), wanted].tolist()
        for place, token, chance in zip(forced, wanted, chances, strict=True):
            tokens[place] = token
            rows[place].likelihood += chance
    return tokens


def mask_logits(logits: torch.Tensor, matchers: Sequence[Any]) -> torch.Tensor:
    """Return logits (rows, vocabulary) with every token that a row's grammar forbids at minus infinity."""
    rows = [index for index, matcher in enumerate(matchers) if matcher is not None]
    if not rows:
        return logits
    width = logits.shape[-1]
    allowed = np.zeros((len(rows), width), dtype=bool)
    for place, index in enumerate(rows):
        bits = np.frombuffer(matchers[index].compute_bitmask(), dtype=np.uint8)
        known = np.unpackbits(bits, bitorder="little")[:width]
        allowed[place, : len(known)] = known
    masked = logits.clone()
    masked[rows] = masked[rows].masked_fill(~torch.from_numpy(allowed).to(logits.device), -torch.inf)
    return masked


def choose(
    logits: torch.Tensor,
    temperatures: Sequence[float],
    top_ps: Sequence[float],
    generators: Sequence[torch.Generator | None],
) -> list[int]:
    """Choose one token a row.

    Args:
        logits: Shape (rows, vocabulary), float32, masked.
        temperatures: One a row; 0 takes the likeliest token.
        top_ps: One a row.
        generators: One a row, on the CPU, so that a seed draws alike on every device; None where greedy.
    """
    tokens: list[int] = logits.argmax(dim=-1).tolist()
    sampled = [index for index, temperature in enumerate(temperatures) if temperature > 0]
    if not sampled:
        return tokens
    values, ids = logits[sampled].topk(min(_CANDIDATES, logits.shape[-1]), dim=-1)
    values, ids = values.cpu(), ids.cpu()
    for place, index in enumerate(sampled):
        chances = torch.softmax(values[place] / temperatures[index], dim=-1)
        # A token stays while the ones before it have not reached top_p; the first always stays.
        chances = chances * (chances.cumsum(dim=-1) - chances < top_ps[index])
        drawn = torch.multinomial(chances, 1, generator=generators[index])
        tokens[index] = int(ids[place, drawn])
    return tokens
