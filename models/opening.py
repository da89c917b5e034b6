"""The one place that turns a reference into a model that answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ..errors import InputError, SettingsError, UnavailableError
from ..settings import ModelSettings
from .engines.base import ChatEngine
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
    if parsed.kind == "openai":
        return _open_server(parsed, settings)
    from .chat import ChatLimner

    return ChatLimner(open_engine(reference, settings, store), temperature=settings.temperature)


def open_engine(reference: str, settings: ModelSettings, store: Store) -> ChatEngine:
    """Return an engine for a model that runs in this process. It loads at its first request.

    Raises:
        InputError: The reference is malformed, unknown to the catalog, or names nothing that runs here.
        SettingsError: The engine asked for cannot run it.
    """
    parsed = parse_reference(reference)
    locate = _locator(parsed, store)
    if settings.engine not in ("auto", "torch"):
        raise SettingsError(
            f"Engine {settings.engine!r} cannot run {reference!r}.",
            "Set engine under [model] to 'auto' or 'torch'; a server is named by an openai: reference.",
        )
    from .engines.torch_engine import TorchEngine

    # A receipt that names a folder of this machine would mean nothing on another.
    name = Path(parsed.target).name if parsed.kind == "path" else str(parsed)
    return TorchEngine(locate, settings, name)


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
                "Open it with open_chat instead of ChatLimner.",
            )


def _open_server(parsed: Reference, settings: ModelSettings) -> BaseChatModel:
    try:
        from langchain_openai import ChatOpenAI
    except ImportError as error:
        raise UnavailableError(
            f"{str(parsed)!r} needs langchain-openai, which is not installed.",
            "Run: pip install langchain-openai",
        ) from error
    return ChatOpenAI(
        model=parsed.model or "",
        base_url=parsed.target,
        # Local servers take any key, and the client refuses to have none.
        api_key=SecretStr(os.environ.get("LIMNER_OPENAI_KEY") or "none"),
        temperature=settings.temperature,
    )


def open_images(reference: str) -> ImageModel:
    """Return the image model that a reference names, `path:` or `hf:`. It loads at its first request.

    Raises:
        InputError: The reference is malformed, or names no diffusers pipeline without code.
        UnavailableError: diffusers is not installed, or the hub is out of reach.
    """
    from importlib.util import find_spec

    from .hub import hub_folder
    from .images import DiffusersImages

    parsed = parse_reference(reference)
    if parsed.kind not in ("path", "hf"):
        raise InputError(
            f"{reference!r} names no image model.", "Use path:FOLDER or hf:org/name of a diffusers pipeline."
        )
    if find_spec("diffusers") is None:
        raise UnavailableError("diffusers is not installed.", "pip install 'limner[images]'")
    folder = Path(parsed.target).expanduser() if parsed.kind == "path" else hub_folder(parsed)
    return DiffusersImages(folder, parsed.target if parsed.kind == "hf" else folder.name)
