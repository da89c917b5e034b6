"""What the OpenVINO engine's thread does: admit rows, read their tokens, choose the next ones."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import torch

from ...settings import ModelSettings
from .grammar import open_grammars
from .openvino_load import Loaded
from .openvino_pages import Pages, Reading
from .rows import Row, RowMaker, as_limner, going_on, take_all
from .sampling import choose_next
from .tickets import Ticket

log = logging.getLogger(__name__)

_STEP_TOKENS = 96
"""Tokens read a step, over all rows: so many take a 1.5B model on two cores under a second."""


@dataclass(eq=False, slots=True)
class _Seat:
    """A row and what it has read."""

    row: Row
    reading: Reading | None = None
    """None while nothing was read."""


class OpenVINOCore:
    """The loaded model and its rows; the owner thread alone calls it.

    Args:
        loaded: The model.
        settings: As for the engine. When deterministic, rows are written one at a time and share nothing.
    """

    def __init__(self, loaded: Loaded, settings: ModelSettings) -> None:
        context = min(settings.context, loaded.context)
        self._max_rows = 1 if settings.deterministic else settings.max_batch
        self._pages: Pages | None = Pages(
            loaded.compiled, self._max_rows * (context + 32), sharing=not settings.deterministic
        )
        grammars = open_grammars(loaded.tokenizer, len(loaded.tokenizer), loaded.ends)
        self._rows = RowMaker(loaded.tokenizer, loaded.ends, context, grammars)
        self._seats: list[_Seat] = []
        self.steps = self.tokens_in = self.tokens_out = self.reused = 0

    @property
    def kept(self) -> int:
        """Tokens held for prompts to come."""
        return self._pages.kept if self._pages else 0

    @property
    def running(self) -> int:
        """Requests admitted and not ended."""
        return len(self._seats)

    @property
    def room(self) -> int:
        """Requests that may be admitted now."""
        return self._max_rows - len(self._seats)

    def admit(self, ticket: Ticket) -> None:
        """Prepare a request's row; end it at once where it cannot be served."""
        try:
            row = self._rows.row(ticket)
        except Exception as error:  # noqa: BLE001 - a request that cannot be prepared fails alone
            ticket.end("error", as_limner(error))
        else:
            self.tokens_in += len(row.prompt)
            self._seats.append(_Seat(row))

    def step(self) -> None:
        """Drop rows that are over, read tokens, write to each row that has read all of its own."""
        self.steps += 1
        self._keep(going_on(seat.row for seat in self._seats))
        if not self._seats:
            return
        batch = self._plan()
        try:
            ended = self._read(batch)
        except Exception as error:  # noqa: BLE001 - a failed step fails its rows; the thread goes on
            log.warning("a step failed with %d rows: %r", len(batch), error)
            for seat, _ in batch:
                seat.row.ticket.end("error", as_limner(error))
            ended = {seat.row for seat, _ in batch}
        self._keep([seat.row for seat in self._seats if seat.row not in ended])

    def close(self) -> None:
        """End every running request as cancelled and let go of the model."""
        for seat in self._seats:
            seat.row.ticket.end("cancelled")
        self._seats, self._pages = [], None

    def _plan(self) -> list[tuple[_Seat, int]]:
        """Say how much each row reads: those that write go first, a token each at least."""
        left, plan = _STEP_TOKENS, []
        for seat in sorted(self._seats, key=lambda seat: not seat.row.ticket.tokens_out):
            if seat.reading is None and left > 0:
                # As late as can be: rows before it may have read what its prompt begins with.
                seat.reading = self._open_pages().begin(seat.row.prompt)
                seat.row.unread = seat.row.prompt[len(seat.reading.tokens) :]
                self.reused += len(seat.reading.tokens)
            least = 1 if seat.row.ticket.tokens_out else 0
            count = min(len(seat.row.unread), max(left, least))
            if count:
                plan.append((seat, count))
                left -= count
        return plan

    def _read(self, plan: list[tuple[_Seat, int]]) -> set[Row]:
        """Do what was planned; return the rows that ended."""
        batch = []
        for seat, count in plan:
            assert seat.reading is not None
            batch.append((seat.reading, seat.row.unread[:count]))
            del seat.row.unread[:count]
        logits = self._open_pages().read(batch)
        ready = [place for place, (seat, _) in enumerate(plan) if not seat.row.unread]
        rows = [plan[place][0].row for place in ready]
        if not rows:
            return set()
        before = sum(row.ticket.tokens_out for row in rows)
        going = take_all(rows, choose_next(torch.from_numpy(logits[ready]), rows))
        self.tokens_out += sum(row.ticket.tokens_out for row in rows) - before
        return set(rows) - set(going)

    def _keep(self, rows: list[Row]) -> None:
        """Let go of every other row and its pages."""
        kept = set(rows)
        for seat in self._seats:
            if seat.row not in kept and seat.reading is not None:
                self._open_pages().end(seat.reading)
        self._seats = [seat for seat in self._seats if seat.row in kept]

    def _open_pages(self) -> Pages:
        assert self._pages is not None
        return self._pages
