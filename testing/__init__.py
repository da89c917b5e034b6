"""Doubles for tests of programs that use Limner; they stand where a model would, and nowhere else."""

from .faulty import FAULTS, FaultyModel
from .scripted import Request, ScriptedModel

__all__ = ["FAULTS", "FaultyModel", "Request", "ScriptedModel"]
