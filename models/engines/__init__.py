"""Engines: what runs a chat model. One protocol (`base`), one file or two for each engine."""

from .base import ChatEngine, ChatEvent, ChatRequest, Delta, Done, EngineStats, Grammar

__all__ = ["ChatEngine", "ChatEvent", "ChatRequest", "Delta", "Done", "EngineStats", "Grammar"]
