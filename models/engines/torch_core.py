"""What the torch engine's thread does: admit rows, read prompts, write tokens, survive failures."""

from __future__ import annotations

import gc
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import torch

from ...settings import ModelSettings
from .grammar import open_grammars
from .rows import Row, RowMaker, as_limner, going_on, take_all
from .sampling import choose_next
from .tickets import Ticket
from .torch_batch import Batch, Group, rounded

log = logging.getLogger(__name__)

_PREFILL_TOKENS = {"cpu": 256, "cuda": 4096}
"""Prompt tokens read a step: more would keep the rows that are writing waiting."""
_PATIENCE = 4
"""Steps that rows wait to be written to while more of them have prompts to read."""


class TorchCore:
    """The loaded model and its rows; the owner thread alone calls it.

    Args:
        model: A transformers causal language model.
        tokenizer: Its tokenizer.
        settings: As for the engine. When deterministic, rows are written one at a time.
    """

    def __init__(self, model: Any, tokenizer: Any, settings: ModelSettings) -> None:
        self._model = model
        config = model.config.get_text_config()
        context = min(settings.context, getattr(config, "max_position_embeddings", settings.context))
        self._max_rows = 1 if settings.deterministic else settings.max_batch
        self._device: str = model.device.type
        self._prefill_tokens = _PREFILL_TOKENS[self._device]
        ends = _end_tokens(model, tokenizer)
        grammars = open_grammars(tokenizer, config.vocab_size, ends)
        self._rows = RowMaker(tokenizer, ends, context, grammars)
        self._arrived: deque[Row] = deque()
        self._group: Group | None = None
        self._batch = Batch(model, self._prefill_tokens)
        self._waited = 0
        """Steps since the rows of the batch were written to."""
        self.steps = self.tokens_in = self.tokens_out = 0
        self.reused = self.kept = 0

    @property
    def running(self) -> int:
        """Requests admitted and not ended."""
        return self._newcomers + len(self._batch.rows)

    @property
    def room(self) -> int:
        """Requests that may be admitted now."""
        return self._max_rows - self.running

    def admit(self, ticket: Ticket) -> None:
        """Prepare a request's row; end it at once where it cannot be served."""
        try:
            row = self._rows.row(ticket)
        except Exception as error:  # noqa: BLE001 - a request that cannot be prepared fails alone
            ticket.end("error", as_limner(error))
        else:
            self.tokens_in += len(row.prompt)
            self._arrived.append(row)

    def step(self) -> None:
        """Drop rows that are over, read some prompt, write to each row: one token, and what it forces.

        While more rows read than write, those that write wait for a while: a token for few rows
        takes nearly as long as one for many.
        """
        self.steps += 1
        self._arrived = deque(going_on(self._arrived))
        self._batch.keep(going_on(self._batch.rows))
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - a failed step fails its rows; the thread goes on
            self._fail(self._group.rows if self._group else [], error)
            self._group = None
        self._waited += 1
        if len(self._batch.rows) < self._newcomers and self._waited <= _PATIENCE:
            return
        self._waited = 0
        try:
            self._write()
        except Exception as error:  # noqa: BLE001 - as above
            rows = self._batch.rows
            self._batch.clear()
            self._fail(rows, error)

    def close(self) -> None:
        """End every running request as cancelled and let go of the model."""
        for row in [*self._arrived, *self._batch.rows, *(self._group.rows if self._group else [])]:
            row.ticket.end("cancelled")
        self._batch.clear()
        self._group = self._model = None

    @property
    def _newcomers(self) -> int:
        """Rows whose prompts are not read yet."""
        return len(self._arrived) + (len(self._group.rows) if self._group else 0)

    def _read(self) -> None:
        """Read a chunk of the newcomers' prompts; once all of it is read, they join the batch."""
        if self._group is None and self._arrived:
            self._group = Group(self._model, self._next_group())
        if self._group is None:
            return
        if all(row.ticket.over(time.monotonic()) for row in self._group.rows):
            going_on(self._group.rows)
            self._group = None
            return
        logits = self._group.read(self._prefill_tokens)
        if logits is None:
            return
        group, self._group = self._group, None
        try:
            going = self._choose(group.rows, logits)
        except Exception as error:  # noqa: BLE001 - as in step
            self._fail(group.rows, error)
            return
        if going:
            before = self._batch.rows
            self._batch.join(group)
            self._batch.keep(before + going)

    def _next_group(self) -> list[Row]:
        """Take the rows whose prompts, padded to one length, fit into one step; at least one row."""
        rows = [self._arrived.popleft()]
        longest = len(rows[0].prompt)
        while self._arrived:
            longest = max(longest, len(self._arrived[0].prompt))
            if rounded(longest) * (len(rows) + 1) > self._prefill_tokens:
                break
            rows.append(self._arrived.popleft())
        return rows

    def _write(self) -> None:
        """Write to each row of the batch that has read what it wrote before."""
        if self._batch.rows:
            logits = self._batch.decode()
            rows = self._batch.rows
            reading = [row for row in rows if row.unread]
            ready = [place for place, row in enumerate(rows) if not row.unread]
            self._batch.keep(reading + self._choose([rows[place] for place in ready], logits[ready]))

    def _choose(self, rows: Sequence[Row], logits: torch.Tensor) -> list[Row]:
        """Choose and hand out each row's next token; return the rows that go on."""
        tokens = choose_next(logits, rows)
        before = sum(row.ticket.tokens_out for row in rows)
        going = take_all(rows, tokens)
        self.tokens_out += sum(row.ticket.tokens_out for row in rows) - before
        return going

    def _fail(self, rows: Sequence[Row], error: Exception) -> None:
        """End rows whose step failed, and give back what memory can be given back."""
        log.warning("a step failed with %d rows: %r", len(rows), error)
        for row in rows:
            row.ticket.end("error", as_limner(error))
        gc.collect()
        if self._device == "cuda":
            torch.cuda.empty_cache()


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Collect every token id that ends an answer."""
    ends: set[int] = set()
    for value in (model.generation_config.eos_token_id, tokenizer.eos_token_id):
        ends.update([value] if isinstance(value, int) else value or [])
    return frozenset(ends)
