"""Local models: the store that holds them, and the chat, embedding and image models over them.

Every name loads its module on first use, so that importing this package loads no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chat import ChatLimner
    from .embeddings import LocalEmbeddings, open_embeddings
    from .image_engine import DiffusersImages
    from .images import Adapter, ImageModel, ImageRequest, Picture
    from .opening import open_chat, open_engine, open_images
    from .reference import Reference, parse_reference
    from .store import Details, Entry, Store

__all__ = [
    "Adapter",
    "ChatLimner",
    "Details",
    "DiffusersImages",
    "Entry",
    "ImageModel",
    "ImageRequest",
    "LocalEmbeddings",
    "Picture",
    "Reference",
    "Store",
    "open_chat",
    "open_embeddings",
    "open_engine",
    "open_images",
    "parse_reference",
]

_HOMES = {
    "Adapter": ".images",
    "ChatLimner": ".chat",
    "Details": ".store",
    "DiffusersImages": ".image_engine",
    "Entry": ".store",
    "ImageModel": ".images",
    "ImageRequest": ".images",
    "LocalEmbeddings": ".embeddings",
    "Picture": ".images",
    "Reference": ".reference",
    "Store": ".store",
    "open_chat": ".opening",
    "open_embeddings": ".embeddings",
    "open_engine": ".opening",
    "open_images": ".opening",
    "parse_reference": ".reference",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
