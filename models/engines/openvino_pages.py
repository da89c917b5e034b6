"""The OpenVINO model's memory: pages of keys and values, shared by prompts that begin alike."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

_KEPT_TOKENS = 16384
"""Of ended rows: so much is kept for prompts to come."""


@dataclass(slots=True)
class Reading:
    """What one row has read, and the pages that hold it."""

    tokens: list[int] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    filled: int = 0
    """Leading pages that are full and known by what they hold."""


class Pages:
    """A compiled model with its pages.

    Args:
        compiled: An `openvino.CompiledModel` with paged attention and the input "last".
        tokens: Most tokens of all open rows together.
        sharing: Keep full pages for later prompts.
    """

    def __init__(self, compiled: Any, tokens: int, sharing: bool) -> None:
        import openvino

        caches = [port for port in compiled.inputs if "cache." in port.any_name]
        self._size: int = _page_size(caches)
        self._sharing = sharing
        count = tokens // self._size + _KEPT_TOKENS // self._size + 1
        self._request = compiled.create_infer_request()
        for port in caches:
            # The system hands out this memory as it is first written to.
            shape = [count, *[size.get_length() for size in list(port.partial_shape)[1:]]]
            self._request.set_tensor(port.any_name, openvino.Tensor(port.element_type, openvino.Shape(shape)))
        self._free = list(range(count - 1, -1, -1))
        self._users = [0] * count
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        """Full pages by the number of the page before them and their tokens."""
        self._keys: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._numbers: dict[int, int] = {}
        """Of known pages; never given twice, since a page that is written anew is another one."""
        self._next_number = itertools.count(1)
        self._idle: OrderedDict[int, None] = OrderedDict()
        """Known pages of no open row, the longest unused first."""

    def begin(self, prompt: Sequence[int]) -> Reading:
        """Return a reading that has behind it what is known of a prompt; a token at least is left."""
        reading, before = Reading(), 0
        while self._sharing and len(reading.tokens) + self._size < len(prompt):
            end = len(reading.tokens) + self._size
            tokens = tuple(prompt[len(reading.tokens) : end])
            page = self._known.get((before, tokens))
            if page is None:
                break
            self._idle.pop(page, None)
            self._users[page] += 1
            reading.pages.append(page)
            reading.tokens += tokens
            before = self._numbers[page]
        reading.filled = len(reading.pages)
        return reading

    def read(self, batch: Sequence[tuple[Reading, Sequence[int]]]) -> npt.NDArray[np.float32]:
        """Read tokens of each row; return logits (rows, vocabulary) after the last one of each."""
        past = [len(reading.tokens) for reading, _ in batch]
        lengths = np.array([len(tokens) for _, tokens in batch])
        for reading, tokens in batch:
            self._extend(reading, tokens)
        ends = np.cumsum(lengths)
        feed = {
            "input_ids": np.concatenate([np.array(tokens, np.int64) for _, tokens in batch]),
            "position_ids": np.concatenate(
                [np.arange(start, start + length) for start, length in zip(past, lengths, strict=True)]
            ).astype(np.int64),
            "past_lens": np.array(past, np.int32),
            "subsequence_begins": np.array([0, *ends], np.int32),
            "block_indices": np.concatenate([np.array(reading.pages, np.int32) for reading, _ in batch]),
            "block_indices_begins": np.cumsum([0, *[len(reading.pages) for reading, _ in batch]]).astype(
                np.int32
            ),
            "max_context_len": np.array(max(len(reading.tokens) for reading, _ in batch), np.int32),
            "last": (ends - 1).astype(np.int64),
        }
        self._request.infer(feed, share_inputs=True)
        for reading, _ in batch:
            self._remember(reading)
        logits: npt.NDArray[np.float32] = self._request.get_tensor("logits").data
        return logits.reshape(len(batch), -1).astype(np.float32)

    def end(self, reading: Reading) -> None:
        """Give back a row's pages; known ones stay for a while."""
        for page in reversed(reading.pages):
            self._users[page] -= 1
            if self._users[page] == 0:
                if page in self._keys:
                    self._idle[page] = None
                else:
                    self._free.append(page)
        reading.pages = []
        while len(self._idle) > _KEPT_TOKENS // self._size:
            self._forget()

    @property
    def kept(self) -> int:
        """Tokens that are kept for prompts to come."""
        return len(self._idle) * self._size

    def _extend(self, reading: Reading, tokens: Sequence[int]) -> None:
        reading.tokens += tokens
        while len(reading.pages) * self._size < len(reading.tokens):
            if not self._free:
                self._forget()
            page = self._free.pop()
            self._users[page] = 1
            reading.pages.append(page)

    def _remember(self, reading: Reading) -> None:
        """Make the pages known that were filled, where no other holds the same."""
        while self._sharing and (reading.filled + 1) * self._size <= len(reading.tokens):
            start = reading.filled * self._size
            before = 0 if not reading.filled else self._numbers[reading.pages[reading.filled - 1]]
            key = (before, tuple(reading.tokens[start : start + self._size]))
            if key in self._known:
                return
            page = reading.pages[reading.filled]
            self._known[key], self._keys[page] = page, key
            self._numbers[page] = next(self._next_number)
            reading.filled += 1

    def _forget(self) -> None:
        """Free the page unused for longest; those that follow it are never found and go in their turn."""
        page, _ = self._idle.popitem(last=False)
        del self._known[self._keys.pop(page)], self._numbers[page]
        self._free.append(page)


def _page_size(caches: Sequence[Any]) -> int:
    """Return a page's tokens: values are stored one token a line."""
    value = next(port for port in caches if port.any_name.startswith("value_cache."))
    size: int = list(value.partial_shape)[2].get_length()
    return size
