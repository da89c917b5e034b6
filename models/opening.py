"""The one place that turns a reference into a model that answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr

from ..errors import InputError, SettingsError, UnavailableError
from ..settings import ImageSettings, ModelSettings, load_settings
from .engines.base import ChatEngine
from .has_cuda import has_cuda
from .reference import Reference, parse_reference
from .store import Store

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from .images import ImageModel


def open_chat(reference: str, settings: ModelSettings, store: Store) -> BaseChatModel:
    """Return the chat model that a reference names. Weights load at its first call.

    Raises:
        InputError: The reference is malformed, unknown to the catalog, or no chat model.
        SettingsError: The engine asked for cannot run it.
        UnavailableError: A library that it needs is not installed.
    """
    parsed = parse_reference(reference)
    if parsed.kind == "scripted":
        from ..testing import ScriptedModel

        return ScriptedModel.from_file(Path(parsed.target).expanduser())
    if parsed.kind == "cassette":
        from ..testing import Cassette

        return Cassette(Path(parsed.target).expanduser(), "strict")
    from .chat import ChatLimner

    server = parsed.kind == "openai"
    engine = open_server(reference, settings) if server else open_engine(reference, settings, store)
    return ChatLimner(engine, temperature=settings.temperature)


def open_server(
    reference: str, settings: ModelSettings, api_key: SecretStr | None = None, max_retries: int = 2
) -> ChatEngine:
    """Return an engine for a server that speaks the OpenAI API. It connects at its first request.

    Args:
        reference: Of the kind `openai:`.
        settings: `max_batch` requests are sent at once, `max_queue` more wait here.
        api_key: None takes the environment's LIMNER_OPENAI_KEY.
        max_retries: How often a server that is busy or out of reach is asked again.

    Raises:
        UnavailableError: The extra `remote` is not installed.
    """
    if find_spec("openai") is None:
        raise UnavailableError(
            f"{reference!r} needs the extra 'remote'.", "Run: pip install 'limner[remote]'"
        )
    from .engines.openai_engine import OpenAIEngine

    parsed = parse_reference(reference)
    key = api_key or SecretStr(os.environ.get("LIMNER_OPENAI_KEY", ""))
    return OpenAIEngine(parsed.target, parsed.model or "", settings, key, max_retries)


def open_engine(reference: str, settings: ModelSettings, store: Store) -> ChatEngine:
    """Return an engine for a model that runs in this process. It loads at its first request.

    Raises:
        InputError: The reference is malformed, unknown to the catalog, or names nothing that runs here.
        SettingsError: The engine asked for cannot run it.
    """
    parsed = parse_reference(reference)
    locate = _locator(parsed, store)
    if settings.engine == "openai":
        raise SettingsError(
            f"Engine {settings.engine!r} cannot run {reference!r}.",
            "Set engine under [model] to 'auto', 'openvino' or 'torch'; "
            "a server is named by an openai: reference.",
        )
    # A receipt that names a folder of this machine would mean nothing on another.
    name = Path(parsed.target).name if parsed.kind == "path" else str(parsed)
    if _engine(parsed, settings, store) == "openvino":
        from .engines.openvino_engine import OpenVINOEngine

        return OpenVINOEngine(locate, settings, name)
    from .engines.torch_engine import TorchEngine

    return TorchEngine(locate, settings, name)


def prepare(name: str, settings: ModelSettings, store: Store) -> bool:
    """Make what an engine makes of a pulled model at its first load; tell whether there was anything to make.

    Raises:
        UnavailableError: The engine cannot read the model.
    """
    parsed = parse_reference(name)
    if store.show(name).entry.kind != "chat" or _engine(parsed, settings, store) != "openvino":
        return False
    from .engines import openvino_load

    openvino_load.prepare(store.path(name))
    return True


def _engine(parsed: Reference, settings: ModelSettings, store: Store) -> Literal["openvino", "torch"]:
    """Return the engine that runs a model here; "auto" is OpenVINO for GGUF files without CUDA.

    Raises:
        SettingsError: OpenVINO is asked for and not installed, or the weights are no GGUF file.
    """
    if settings.engine == "torch":
        return "torch"
    gguf = _gguf(parsed, store)
    installed = find_spec("openvino_genai") is not None
    if settings.engine == "openvino":
        if not installed:
            raise SettingsError(
                "Engine 'openvino' is not installed.",
                "Run: pip install 'limner[cpu]', or set engine to 'torch'.",
            )
        if not gguf:
            raise SettingsError(
                f"Engine 'openvino' runs GGUF files, and {str(parsed)!r} is none.", "Set engine to 'torch'."
            )
        return "openvino"
    return "openvino" if gguf and installed and not has_cuda() else "torch"


def _gguf(parsed: Reference, store: Store) -> bool:
    """Tell whether a reference's weights are one GGUF file."""
    if parsed.kind == "catalog":
        files = store.show(parsed.target).files
        return len(files) == 1 and files[0].path.endswith(".gguf")
    return parsed.kind == "path" and parsed.target.endswith(".gguf")


def _locator(parsed: Reference, store: Store) -> Callable[[], Path]:
    """Return the function that finds the weights when they are needed."""
    match parsed.kind:
        case "catalog":
            entry = store.show(parsed.target).entry
            if entry.kind != "chat":
                raise InputError(
                    f"Model {parsed.target!r} makes {entry.kind}, no answers.",
                    "Name a chat model of `limner models list`.",
                )
            return lambda: store.path(parsed.target)
        case "path":
            path = Path(parsed.target).expanduser()
            if not path.exists():
                raise InputError(f"There is no model at {parsed.target!r}.", "Check the path.")
            return lambda: path
        case "hf":
            from .hub import hub_folder

            return lambda: hub_folder(parsed)
        case _:
            raise InputError(
                f"{str(parsed)!r} does not run in this process.",
                "Open it with open_chat.",
            )


def open_images(
    reference: str, settings: ImageSettings | None = None, store: Store | None = None
) -> ImageModel:
    """Return the image model that a reference names: `limner-icons`, `path:` or `hf:`. It loads when asked.

    Args:
        reference: To a diffusers pipeline.
        settings: How it runs.
        store: Has the text encoder of `limner-icons`; None takes the machine's.

    Raises:
        InputError: The reference is malformed, or names no diffusers pipeline without code.
        UnavailableError: diffusers or a part of the model is missing, or the hub is out of reach.
    """
    from .hub import hub_folder
    from .icons import ICONS, icons_folder
    from .image_engine import DiffusersImages

    parsed = parse_reference(reference)
    if parsed.kind not in ("path", "hf") and str(parsed) != ICONS:
        raise InputError(
            f"{reference!r} names no image model.",
            "Use limner-icons, or path:FOLDER or hf:org/name of a diffusers pipeline.",
        )
    if find_spec("diffusers") is None:
        raise UnavailableError("diffusers is not installed.", "pip install 'limner[images]'")
    if parsed.kind == "catalog":
        configured = load_settings()
        return DiffusersImages(
            icons_folder(store or Store(configured.models_folder, configured.mirrors)), ICONS, settings
        )
    folder = Path(parsed.target).expanduser() if parsed.kind == "path" else hub_folder(parsed, pipeline=True)
    return DiffusersImages(folder, parsed.target if parsed.kind == "hf" else folder.name, settings)
