"""A key-value cache whose rows come and go: spare room at the end, padding at the beginning."""

from __future__ import annotations

from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer

_ROOM = 64
"""Columns added when a layer is full, so that a step rarely copies what is there."""


class _Layer(DynamicLayer):  # type: ignore[misc]  # transformers is untyped here
    """Keys and values of one layer, (rows, heads, columns, width), as views of larger buffers."""

    keys: torch.Tensor
    values: torch.Tensor
    is_initialized: bool
    _key_room: torch.Tensor
    _value_room: torch.Tensor

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append columns; return all of them."""
        if not self.is_initialized:
            self.dtype, self.device = key_states.dtype, key_states.device
            self.hold(key_states[:, :, :0], value_states[:, :, :0])
        start, end = self.keys.shape[-2], self.keys.shape[-2] + key_states.shape[-2]
        if end > self._key_room.shape[-2]:
            self._key_room = _grown(self.keys, end + _ROOM)
            self._value_room = _grown(self.values, end + _ROOM)
        self._key_room[:, :, start:end] = key_states
        self._value_room[:, :, start:end] = value_states
        self.keys, self.values = self._key_room[:, :, :end], self._value_room[:, :, :end]
        return self.keys, self.values

    def hold(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Take other contents."""
        self.keys = self._key_room = keys
        self.values = self._value_room = values
        self.is_initialized = True


class RowCache(Cache):  # type: ignore[misc]  # transformers is untyped here
    """What a model remembers of each row; every row's last token is in the last column."""

    def __init__(self) -> None:
        super().__init__(layer_class_to_replicate=_Layer)

    def keep(self, rows: torch.Tensor, drop: int) -> None:
        """Keep these rows alone, without the first `drop` columns."""
        for layer in self.layers:
            layer.hold(layer.keys[rows, :, drop:], layer.values[rows, :, drop:])

    def order(self, columns: torch.Tensor) -> None:
        """Keep these columns of each row, (rows, columns), in this order."""
        for layer in self.layers:
            heads, width = layer.keys.shape[1], layer.keys.shape[3]
            index = columns[:, None, :, None].expand(-1, heads, -1, width)
            layer.hold(layer.keys.gather(2, index), layer.values.gather(2, index))

    def append(self, other: RowCache) -> None:
        """Add the rows of another cache below, padding the shorter one at its beginning."""
        columns = max(self.get_seq_length(), other.get_seq_length())
        for layer, more in zip(self.layers, other.layers, strict=True):
            layer.hold(
                torch.cat([_padded(layer.keys, columns), _padded(more.keys, columns)]),
                torch.cat([_padded(layer.values, columns), _padded(more.values, columns)]),
            )


def _grown(states: torch.Tensor, columns: int) -> torch.Tensor:
    rows, heads, used, width = states.shape
    room = states.new_empty((rows, heads, columns, width))
    room[:, :, :used] = states
    return room


def _padded(states: torch.Tensor, columns: int) -> torch.Tensor:
    # Zeros, not empty memory: a NaN would pass through the mask.
    return torch.nn.functional.pad(states, (0, 0, columns - states.shape[-2], 0))
