"""What is asked of an image model and what it gives: requests, pictures, and the protocol between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from ..errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

Task = Literal["text", "image", "inpaint"]
"""What a picture is made from: words alone, words and a picture, words and the masked part of one."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter and how strongly it acts."""

    reference: str
    """`path:FILE.safetensors`, `path:FOLDER` or `hf:org/name@revision`."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One picture to make.

    Raises:
        InputError: A value is out of range.
    """

    prompt: str
    width: int = 512
    """Pixels; a multiple of 8."""
    height: int = 512
    seed: int = 0
    steps: int | None = None
    """Denoising steps, 1 to 1,000; None: as the model is set."""
    guidance: float | None = None
    """How closely to follow the prompt, 0 to 100; None: as the model is set."""
    negative: str = ""
    """What not to show."""
    fit: bool = False
    """Keep the proportions alone, and take the area that the model was trained on."""
    image: Image | None = None
    """Begin with this picture; it is resized."""
    mask: Image | None = None
    """Make only what is white here anew, and keep the rest of `image`."""
    strength: float = 0.8
    """How far to leave `image`, above 0 up to 1."""
    adapters: tuple[Adapter, ...] | None = None
    """None: as the model is set."""
    on_step: Callable[[int, int], None] | None = field(default=None, compare=False)
    """Called with steps done and steps in all after each one, on the model's thread."""

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            pixels = getattr(self, name)
            if not 8 <= pixels <= 4096 or pixels % 8:
                raise InputError(f"{name} is {pixels!r} pixels.", "Give a multiple of 8 from 8 to 4096.")
        if self.steps is not None and not 1 <= self.steps <= 1000:
            raise InputError(f"steps is {self.steps!r}.", "Give a number from 1 to 1000.")
        if self.guidance is not None and not 0 <= self.guidance <= 100:
            raise InputError(f"guidance is {self.guidance!r}.", "Give a number from 0 to 100.")
        if not 0 < self.strength <= 1:
            raise InputError(f"strength is {self.strength!r}.", "Give a number above 0, up to 1.")
        if self.mask is not None and self.image is None:
            raise InputError("There is a mask, and no picture that it belongs to.", "Give `image`, too.")

    @property
    def task(self) -> Task:
        """What the picture is made from."""
        return "text" if self.image is None else "image" if self.mask is None else "inpaint"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and how it came about."""

    image: Image
    seed: int
    model: str
    source: Literal["model"] = "model"
    sha256: str = ""
    """Of the model's weights, adapters included; "" where it is not known."""
    unsafe: bool = False
    """Whether the pipeline's own checker refused it."""


class ImageModel(Protocol):
    """Something that makes pictures."""

    @property
    def model_name(self) -> str:
        """What to call the model in receipts."""

    def generate(self, requests: Sequence[ImageRequest], deadline: float | None = None) -> list[Picture]:
        """Make one picture a request, in order; `deadline` is absolute, in seconds of `time.monotonic()`.

        Raises:
            DeadlineError: They were not all ready in time.
            InputError: The model cannot do what is asked, such as beginning with a picture.
            ModelError: The model failed.
            UnavailableError: It cannot be loaded, or is closed.
        """

    async def agenerate(
        self, requests: Sequence[ImageRequest], deadline: float | None = None
    ) -> list[Picture]:
        """Do the same without blocking the event loop; cancelling stops the work at its next step."""

    def close(self) -> None:
        """Stop the thread and free the memory."""
