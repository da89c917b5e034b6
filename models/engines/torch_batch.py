"""Rows that are computed together: a group that reads its prompts, and the batch that writes answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .rows import Row
from .torch_cache import RowCache

_SAT_OUT = 64
"""Columns of the cache that may hold nothing of the longest row before they are closed up."""
_CHUNK = 8
"""Prompts are read in multiples of so many columns: oneDNN makes and keeps a kernel for each new number."""


class Group:
    """Newcomers whose prompts are read together, a chunk at a time.

    Args:
        model: A transformers causal language model.
        rows: Prompts may differ in length; they are padded at their beginning.
    """

    def __init__(self, model: Any, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.cache = RowCache()
        self._model = model
        self._read = 0
        prompts = [row.prompt for row in rows]
        self._ids, self.mask = _padded(prompts, rounded(max(map(len, prompts))), model.device)

    def read(self, budget: int) -> torch.Tensor | None:
        """Read up to `budget` tokens; return logits (rows, vocabulary) once all prompts are read."""
        start, columns = self._read, self._ids.shape[1]
        self._read = end = min(columns, start + max(_CHUNK, budget // len(self.rows) // _CHUNK * _CHUNK))
        mask = self.mask[:, :end]
        places = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, start:]
        logits = _forward(self._model, self._ids[:, start:end], mask, places, self.cache)
        return logits if end == columns else None


class Batch:
    """Rows that write their answers: each step reads what they wrote and says what may come next.

    Args:
        model: A transformers causal language model.
        budget: Tokens read a step, over all rows; at least one a row.
    """

    def __init__(self, model: Any, budget: int) -> None:
        self._model = model
        # A sliding window counts columns, and those that a row sits out would count too.
        sliding = getattr(model.config.get_text_config(), "sliding_window", None)
        self._budget = 1 if sliding else budget
        self.rows: list[Row] = []
        self._cache = RowCache()
        self._mask = torch.zeros((0, 0), dtype=torch.long)

    def join(self, group: Group) -> None:
        """Take in a group whose prompts are read."""
        if not self.rows:
            self.rows, self._cache, self._mask = group.rows, group.cache, group.mask
            return
        columns = max(self._mask.shape[1], group.mask.shape[1])
        self._cache.append(group.cache)
        self._mask = torch.cat(
            [torch.nn.functional.pad(mask, (columns - mask.shape[1], 0)) for mask in (self._mask, group.mask)]
        )
        self.rows = self.rows + group.rows

    def decode(self) -> torch.Tensor:
        """Read unread tokens of each row; return logits (rows, vocabulary) after the last one read.

        A row may have more to read still, and one that has less than others sits out the first columns.
        """
        most = max(1, self._budget // len(self.rows))
        read = [row.unread[:most] for row in self.rows]
        for row in self.rows:
            del row.unread[:most]
        columns = max(map(len, read))
        ids, mask = _padded(read, columns, self._mask.device)
        self._mask = torch.cat([self._mask, mask], dim=1)
        places = (self._mask.cumsum(dim=1) - 1)[:, -columns:]
        logits = _forward(self._model, ids, self._mask, places, self._cache)
        if columns > 1:
            self._close_up()
        return logits

    def keep(self, rows: Sequence[Row]) -> None:
        """Let go of every other row, and of columns that only those used."""
        if len(rows) == len(self.rows):
            return
        if not rows:
            self.clear()
            return
        kept = set(rows)
        index = torch.tensor([place for place, row in enumerate(self.rows) if row in kept]).to(
            self._mask.device
        )
        mask = self._mask[index]
        drop = int(mask.sum(dim=0).ne(0).int().argmax())
        self._cache.keep(index, drop)
        self._mask = mask[:, drop:]
        self.rows = [row for row in self.rows if row in kept]

    def _close_up(self) -> None:
        """Move each row's columns together once many were sat out."""
        longest = int(self._mask.sum(dim=1).max())
        if self._mask.shape[1] - longest > _SAT_OUT:
            # A stable sort of zeros and ones: padding first, then what is read, in its order.
            order = self._mask.argsort(dim=1, stable=True)[:, -longest:]
            self._cache.order(order)
            self._mask = self._mask.gather(1, order)

    def clear(self) -> None:
        """Let go of all rows and their memory."""
        self.rows = []
        self._cache = RowCache()


def rounded(columns: int) -> int:
    """Return the columns in which prompts of at most so many tokens are read."""
    return -(-columns // _CHUNK) * _CHUNK


def _padded(
    rows: Sequence[Sequence[int]], columns: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids, padded at their beginning, and where they are not padding."""
    ids = [[0] * (columns - len(row)) + [*row] for row in rows]
    mask = [[0] * (columns - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _forward(
    model: Any, ids: torch.Tensor, mask: torch.Tensor, places: torch.Tensor, cache: RowCache
) -> torch.Tensor:
    """Run the model over new columns; return float32 logits of the last one."""
    with torch.inference_mode():
        out = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=places,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
    logits: torch.Tensor = out.logits[:, -1].float()
    return logits
