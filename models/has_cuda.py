"""Whether a GPU that CUDA drives is here, told without torch, which takes a second to import."""

from __future__ import annotations

import ctypes


def has_cuda() -> bool:
    """Ask the driver how many devices there are; no driver means none."""
    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        count = ctypes.c_int()
        return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
    return False
