"""The recipe as a whole, stage after stage; each goes on from where it was stopped."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args

import torch

from .autoencoder import gate, new_autoencoder, psnr, train_autoencoder
from .data import Pictures, prepare
from .denoiser import new_unet, set_latent_scale, train_unet
from .evaluate import evaluate
from .loop import Sitting, Trained, averaged, load_average
from .pipeline import assemble, draw, export, grid, trained_bytes
from .recipe import PLAIN, Recipe
from .samples import with_article
from .scorer import Scorer, train_scorer
from .words import Words, save_words

Stage = Literal["data", "autoencoder", "unet", "export", "scorer", "evaluate"]
STAGES: tuple[Stage, ...] = get_args(Stage)
SHOWN = tuple(with_article(name) for name in PLAIN[::2][:16])
"""Prompts of the sample grids."""
UNSEEN_STYLE = "noto"
"""Kept from the scorer, to tell whether it knows things in a hand that it has not seen."""


class Training:
    """One folder of data, checkpoints and results.

    Args:
        recipe: What to train.
        folder: Of data, checkpoints and results.
        words: MiniLM.
        sitting: When to stop.
        seed: Of everything.
        only_plain: Let the UNet learn the forty plain things alone, as they were drawn: a short run, that
            shows whether the recipe works.
        every: Steps between two checkpoints.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        words: Words,
        sitting: Sitting,
        seed: int = 7,
        only_plain: bool = False,
        every: int = 500,
    ) -> None:
        self.recipe, self.folder, self.words, self.sitting = recipe, folder, words, sitting
        self.seed, self.every, self.only_plain = seed, every, only_plain
        self._checkpoints = folder / f"checkpoints-{recipe.size}"
        self._results = folder / f"results-{recipe.size}"
        self.pictures = prepare(folder, recipe.size, recipe.styles)
        learned, self.apart = self.pictures.split(PLAIN)
        self.learned = learned
        self.asked: Pictures = learned.of(PLAIN) if only_plain else learned

    def run(self, only: Stage | None = None) -> dict[str, Any]:
        """Run all stages, or one of them; return what the last one found out.

        Raises:
            InputError: A stage before it is missing, or the autoencoder is not good enough.
        """
        found: dict[str, Any] = {}
        for stage in STAGES if only is None else (only,):
            if self.sitting.over():
                return {**found, "stopped_before": stage}
            found = getattr(self, f"_{stage}")()
        return found

    def _data(self) -> dict[str, Any]:
        kept = self.folder / "minilm"
        if not kept.exists():
            save_words(self.words, kept)
        return {"learned": len(self.learned), "held_apart": len(self.apart)}

    def _autoencoder(self) -> dict[str, Any]:
        state = train_autoencoder(
            self.recipe, self.learned, self.apart, self._checkpoints, self.sitting, self.seed, self.every
        )
        with averaged(state) as best:
            return self._note("autoencoder", state, {"psnr_held_apart": round(psnr(best, self.apart), 2)})

    def _unet(self) -> dict[str, Any]:
        autoencoder = self._trained_autoencoder()
        gate(psnr(autoencoder, self.apart))

        def report(state: Trained) -> str:
            with averaged(state) as best:
                pictures = draw(assemble(autoencoder, best, self.words), SHOWN, [1] * len(SHOWN))
            self._results.mkdir(parents=True, exist_ok=True)
            grid(pictures, 8).save(self._results / f"step-{state.step:06}.png")
            return ""

        state = train_unet(
            self.recipe, self.asked, autoencoder, self.words, self._checkpoints, self.sitting, self.seed,
            self.every, not self.only_plain, report,
        )  # fmt: skip
        return self._note("unet", state, {})

    def _export(self) -> dict[str, Any]:
        pipeline = self._pipeline()
        folder = export(pipeline, self._results / "limner-icons")
        return {"folder": str(folder), "trained_megabytes": round(trained_bytes(pipeline) / 1e6, 1)}

    def _scorer(self) -> dict[str, Any]:
        seen = [row for row, style in enumerate(self.learned.styles) if style != UNSEEN_STYLE]
        state = train_scorer(
            self.learned.take(seen), self.words, self._checkpoints, self.recipe.scorer_steps, self.sitting,
            self.seed, self.every,
        )  # fmt: skip
        return self._note("scorer", state, {})

    def _evaluate(self) -> dict[str, Any]:
        scorer = Scorer(self.words.encoder.config.hidden_size)
        load_average(scorer, self._checkpoints / "scorer.safetensors")
        unseen = [row for row, style in enumerate(self.learned.styles) if style == UNSEEN_STYLE]
        return evaluate(
            self._pipeline(), scorer, self.words, self.asked, self.learned.take(unseen), self._results
        )

    def _trained_autoencoder(self) -> Any:
        model = new_autoencoder(self.recipe, self.seed)
        load_average(model, self._checkpoints / "autoencoder.safetensors")
        set_latent_scale(model, self.learned, self.seed)
        return model

    def _pipeline(self) -> Any:
        unet = new_unet(self.recipe, self.seed, self.words.encoder.config.hidden_size)
        load_average(unet, self._checkpoints / "unet.safetensors")
        return assemble(self._trained_autoencoder(), unet, self.words)

    def _note(self, stage: Stage, state: Trained, more: dict[str, Any]) -> dict[str, Any]:
        """Write what a training stage came to into the results, and return it."""
        batches = {
            "autoencoder": self.recipe.autoencoder_batch,
            "unet": self.recipe.unet_batch,
        }
        facts: dict[str, Any] = {
            "stage": stage,
            "steps": state.step,
            "seconds": round(state.seconds),
            "device": "cuda" if torch.cuda.is_available() else "cpu",
            "losses": state.losses,
            **more,
        }
        if stage in batches and state.seconds:
            facts["images_a_second"] = round(state.step * batches[stage] / state.seconds, 1)
        self._results.mkdir(parents=True, exist_ok=True)
        whole = {**facts, "recipe": asdict(self.recipe)}
        (self._results / f"{stage}.json").write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
        return facts
