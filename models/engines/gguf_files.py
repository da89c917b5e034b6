"""Reading GGUF files through transformers without its repeats."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def parsed_once() -> Iterator[None]:
    """Parse a GGUF file's header once, without a progress bar.

    transformers parses it four times while it loads one model, many seconds each, and has no option
    for either.
    """
    import gguf
    from transformers import modeling_gguf_pytorch_utils as loader

    reader, bar = gguf.GGUFReader, loader.tqdm
    gguf.GGUFReader = functools.cache(reader)
    loader.tqdm = functools.partial(bar, disable=True)
    try:
        yield
    finally:
        gguf.GGUFReader, loader.tqdm = reader, bar
