"""Doubles for tests of programs that use Limner; they stand where a model would, and nowhere else."""

from .cassette import Cassette
from .faulty import FAULTS, FaultyModel
from .pipelines import random_pipeline
from .scripted import Request, ScriptedModel

__all__ = ["FAULTS", "Cassette", "FaultyModel", "Request", "ScriptedModel", "random_pipeline"]
