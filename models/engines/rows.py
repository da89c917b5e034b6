"""Rows: one request each, on its way through a model, whatever computes it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import InputError, LimnerError, MemoryFullError, ModelError
from .answer_text import AnswerText
from .base import Delta
from .grammar import Ending, GrammarCompiler, Matcher
from .tickets import Ticket

if TYPE_CHECKING:
    import torch


@dataclass(eq=False, slots=True)
class Row:
    """One request on its way through the model."""

    ticket: Ticket
    prompt: list[int]
    max_tokens: int
    text: AnswerText
    ends: frozenset[int]
    matcher: Matcher | None = None
    """What the row's grammar allows, if it has one."""
    ending: Ending | None = None
    """How its answer can be brought to an end in time, if the grammar is a schema."""
    generator: torch.Generator | None = None
    unread: list[int] = field(default_factory=list)
    """Tokens written that the model is to read before it writes the next."""
    unsaid: int = 0
    """Tokens whose text is held back."""
    forced: deque[int] = field(default_factory=deque)
    """Tokens that the row is made to write; empty for a row that writes what it likes."""
    likelihood: float = 0.0
    """Natural logarithm of the probability of the forced tokens so far."""

    def take(self, token: int) -> bool:
        """Add a chosen token and those that must follow it; False when one of them ended the row."""
        if self.forced:
            return self._follow()
        if not self._add(token):
            return False
        return self.matcher is None or all(map(self._add, self.matcher.compute_ff_tokens()))

    def finish(self) -> None:
        """End the row as the model's own end."""
        self._say(self.text.rest())
        self.ticket.end("finished")

    def _follow(self) -> bool:
        """Write the next forced token, whose text nobody needs; False after the last one."""
        self.unread.append(self.forced.popleft())
        self.ticket.tokens_out += 1
        if not self.forced:
            self.ticket.end("finished", likelihood=self.likelihood)
        return bool(self.forced)

    def _add(self, token: int) -> bool:
        """Add a token and tell the caller; False when it ended the row."""
        if token in self.ends:
            self.finish()
            return False
        if self.ending is not None and not self.ending.allows(
            token, self.max_tokens - self.ticket.tokens_out - 1
        ):
            return self._close(self.ending.tokens)
        if self.matcher is not None and not self.matcher.consume_token(token):
            raise ModelError(f"The grammar refused a token: {self.matcher.get_error()}")
        self._write(token)
        if self.text.stopped:
            self.ticket.end("stopped")
        elif self.matcher is not None and self.matcher.is_stopped():
            self.finish()
        elif self.ticket.tokens_out >= self.max_tokens and self.ending is not None:
            self.finish()  # the shortest ending fits at any time, so what there is now is whole
        elif self.ticket.tokens_out >= self.max_tokens:
            self._say(self.text.rest())
            self.ticket.end("length")
        else:
            return True
        return False

    def _close(self, tokens: Sequence[int]) -> bool:
        """Write the shortest ending: after one more token of the model's own it would no longer fit."""
        for token in tokens:
            self._write(token)
            if self.text.stopped:
                self.ticket.end("stopped")
                return False
        self.finish()
        return False

    def _write(self, token: int) -> None:
        self.unread.append(token)
        self.ticket.tokens_out += 1
        self.unsaid += 1
        self._say(self.text.push(token))

    def _say(self, text: str) -> None:
        if text:
            self.ticket.post(Delta(text, self.unsaid))
            self.unsaid = 0


class RowMaker:
    """Turns requests into rows for one model.

    Args:
        tokenizer: A Hugging Face tokenizer.
        ends: Token ids that end an answer.
        context: Longest prompt plus answer, in tokens.
        grammars: None where the tokenizer cannot follow grammars.
    """

    def __init__(
        self, tokenizer: Any, ends: Collection[int], context: int, grammars: GrammarCompiler | None
    ) -> None:
        self._tokenizer, self._ends = tokenizer, frozenset(ends)
        self._context, self._grammars = context, grammars

    def row(self, ticket: Ticket) -> Row:
        """Prepare a request's row.

        Raises:
            InputError: The prompt, the grammar or the forced text cannot be served.
            ModelError: The model cannot follow grammars at all.
        """
        import torch

        request = ticket.request
        forced = self._forced(request.forced)
        prompt = read_prompt(self._tokenizer, ticket, self._context, least=len(forced) or 1)
        most = min(request.max_tokens, self._context - len(prompt))
        text = AnswerText(self._tokenizer, request.stop)
        row = Row(ticket, prompt, most, text, self._ends, forced=forced)
        if request.grammar is not None:
            if self._grammars is None:
                raise ModelError(
                    "The model's tokenizer cannot follow a grammar.", "Name a model with a fast tokenizer."
                )
            row.matcher = self._grammars.matcher(request.grammar, most)
            row.ending = self._grammars.ending(request.grammar, most)
        if request.temperature > 0:
            row.generator = torch.Generator()
            if request.seed is None:
                row.generator.seed()
            else:
                row.generator.manual_seed(request.seed % 2**63)
        ticket.tokens_in = len(prompt)
        return row

    def _forced(self, text: str) -> deque[int]:
        """Return the tokens of a forced text, none where there is no such text."""
        tokens = deque(self._tokenizer.encode(text, add_special_tokens=False) if text else [])
        if text and not tokens:
            raise InputError("The forced text has no token in this model.", "Give one that has words.")
        return tokens


def read_prompt(tokenizer: Any, ticket: Ticket, context: int, least: int = 1) -> list[int]:
    """Return a request's prompt as token ids.

    Args:
        tokenizer: A Hugging Face tokenizer.
        ticket: The request's.
        context: Longest prompt plus answer, in tokens.
        least: Tokens of the shortest answer.

    Raises:
        InputError: It leaves no room for an answer, or the model's template refuses the messages.
    """
    request = ticket.request
    if request.text:
        ids: list[int] = tokenizer.encode(request.text)
    else:
        ids = list(request.prompt) or _templated(tokenizer, request.messages)
    if len(ids) + least > context:
        answer = f", its answer {least}" if least > 1 else ""
        raise InputError(
            f"The prompt has {len(ids)} tokens{answer}; prompt and answer together may have {context}.",
            "Shorten it, or raise context under [model].",
        )
    return ids


def _templated(tokenizer: Any, messages: Sequence[Any]) -> list[int]:
    from jinja2.exceptions import TemplateError

    if not getattr(tokenizer, "chat_template", None):
        # A base model: plain text in the one form that every tokenizer knows.
        lines = [f"{message['role']}: {message['content']}" for message in messages]
        plain: list[int] = tokenizer.encode("\n".join([*lines, "assistant:"]))
        return plain
    try:
        ids: list[int] = tokenizer.apply_chat_template(
            [dict(message) for message in messages], add_generation_prompt=True, return_dict=False
        )
    except TemplateError as error:
        raise InputError(f"The model's chat template refuses the messages: {error}.") from error
    return ids


def take_all(rows: Sequence[Row], tokens: Sequence[int]) -> list[Row]:
    """Give each row its next token; return the rows that go on. One row's fault is not the others'."""
    going = []
    for row, token in zip(rows, tokens, strict=True):
        try:
            if row.take(token):
                going.append(row)
        except Exception as error:  # noqa: BLE001 - the row fails alone
            row.ticket.end("error", as_limner(error))
    return going


def going_on(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that need more work; end the others."""
    now = time.monotonic()
    going = []
    for row in rows:
        reason = row.ticket.over(now)
        if reason is None:
            going.append(row)
        else:
            row.ticket.end(reason)
    return going


def as_limner(error: Exception) -> LimnerError:
    """Say what failed in the words that callers act on."""
    if isinstance(error, LimnerError):
        return error
    text = str(error)
    memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if memory or "allocate memory" in text:
        return MemoryFullError(
            f"The model ran out of memory: {text}", "Lower max_batch or context under [model]."
        )
    return ModelError(f"The model failed: {type(error).__name__}: {text}")
