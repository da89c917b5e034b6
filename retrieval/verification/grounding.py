"""The check that every sentence of a step's output is supported by the passages that it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import InputError
from ..passage import Passage

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


class Check(Protocol):
    """A check of a step's output that says which arguments of the step it reads."""

    needs: tuple[str, ...]

    def __call__(self, out: object, **arguments: Any) -> str | None:
        """Return a fault in words, or None."""
        ...


class _Grounded:
    """The check that `grounded` makes."""

    def __init__(self, parameter: str, embeddings: Embeddings | None, shown: int) -> None:
        self.needs: tuple[str, ...] = (parameter,)
        self.__name__ = "grounded"
        self._embeddings = embeddings
        self._shown = shown

    def __call__(self, out: object, **arguments: Any) -> str | None:
        """Return what is not supported, in words, or None."""
        from ..cite import verify

        passages: Sequence[Passage | str] = arguments[self.needs[0]]
        found = verify("\n\n".join(_texts(out)), passages, self._embeddings)
        if not found.sentences:
            return "there is no sentence; write at least one from the passages"
        bad = [judged for judged in found.sentences if judged.status != "supported"]
        if not bad:
            return None
        shown = "; ".join(
            f"{judged.text!r} is {judged.status}: {judged.reason}" for judged in bad[: self._shown]
        )
        count = f"{len(bad)} of {len(found.sentences)}"
        return f"{count} sentences are not grounded: {shown}. Say only what the passages say."


def grounded(parameter: str, embeddings: Embeddings | None = None, shown: int = 3) -> Check:
    """Return a check for ``@step(checks=[grounded("passages")])``: every sentence is supported.

    Args:
        parameter: The argument of the step that holds the passages.
        embeddings: As in `verify`.
        shown: How many bad sentences a fault names.

    Raises:
        InputError: `parameter` is no name.
    """
    if not parameter.isidentifier():
        raise InputError(f"grounded({parameter!r}) does not name a parameter.", 'Write grounded("passages").')
    return _Grounded(parameter, embeddings, shown)


def _texts(out: object) -> Iterable[str]:
    """Return the texts of an output: a string, an object with `text`, or several of these."""
    if isinstance(out, str):
        return [out]
    text = getattr(out, "text", None)
    if isinstance(text, str):
        return [text]
    if isinstance(out, list | tuple):
        return [each for item in out for each in _texts(item)]
    raise InputError(
        f"grounded() cannot read a {type(out).__name__}.", "Return a text, or objects with `text`."
    )
