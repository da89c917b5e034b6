"""What torch's libraries are told of this machine, which has to be said before torch is first imported."""

from __future__ import annotations

import os

_KERNELS = "512"
"""Kept at most; those of 64 numbers of rows, for the five shapes of weights that a model has, and room."""


def set_up_cpu() -> None:
    """Let idle worker threads sleep, and bound the kernels that are kept; values that the user set stay.

    A spinning thread keeps the CPU from whoever holds the work it waits for: on a host of two
    cores, both in use, a decoding step took 265 to 340 ms spinning and 100 to 114 ms sleeping.

    oneDNN makes a kernel for each number of rows that weights are multiplied with, about .6 MB each in
    bfloat16, and would keep 1,024: memory would grow for thousands of requests.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("LRU_CACHE_CAPACITY", _KERNELS)
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _KERNELS)
