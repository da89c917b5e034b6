"""Captions as MiniLM reads them: states of the tokens for the UNet, one vector for the scorer."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from limner.models.quiet import quiet_loading

from .recipe import TOKENS

MOST = 20_000
"""Captions that are kept; 240 MB in fp16."""


class Words:
    """The text encoder and its tokenizer, with what it said of captions before."""

    def __init__(self, encoder: Any, tokenizer: Any, device: str = "cpu") -> None:
        self.encoder = encoder.to(device).eval().requires_grad_(False)
        self.tokenizer = tokenizer
        # the pipeline pads to what the tokenizer says
        self.tokenizer.model_max_length = TOKENS
        self._device = device
        self._kept: dict[str, torch.Tensor] = {}

    def states(self, captions: Sequence[str]) -> torch.Tensor:
        """Shape (n, TOKENS, width). Padding counts as words do, for so does the pipeline."""
        new = [caption for caption in dict.fromkeys(captions) if caption not in self._kept]
        if len(self._kept) + len(new) > MOST:
            self._kept.clear()
            new = list(dict.fromkeys(captions))
        if new:
            tokens = self.tokenizer(
                new, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt"
            )
            with torch.no_grad():
                states = self.encoder(tokens.input_ids.to(self._device), attention_mask=None)[0]
            self._kept |= dict(zip(new, states.half().cpu(), strict=True))
        return torch.stack([self._kept[caption] for caption in captions]).float().to(self._device)

    def vectors(self, captions: Sequence[str]) -> torch.Tensor:
        """Shape (n, width), each of length 1: the mean over its tokens, as MiniLM was trained."""
        tokens = self.tokenizer(
            list(captions), padding=True, max_length=TOKENS, truncation=True, return_tensors="pt"
        ).to(self._device)
        with torch.no_grad():
            states = self.encoder(tokens.input_ids, attention_mask=tokens.attention_mask)[0]
        mask = tokens.attention_mask[..., None].float()
        return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)


def save_words(words: Words, folder: Path) -> None:
    """Write MiniLM in fp16, 45 MB, for a machine that has no model store."""
    with quiet_loading():
        copy.deepcopy(words.encoder).half().save_pretrained(folder)
    words.tokenizer.save_pretrained(folder)


def load_words(folder: Path, device: str = "cpu") -> Words:
    """Load MiniLM from a folder of safetensors."""
    with quiet_loading():
        from transformers import BertModel, BertTokenizer

        encoder = BertModel.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, dtype=torch.float32
        )
        tokenizer = BertTokenizer.from_pretrained(folder, local_files_only=True)
    return Words(encoder, tokenizer, device)
