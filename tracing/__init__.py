"""Tracing: spans of runs, steps and model calls, in OpenTelemetry's terms."""

from . import names
from .trace import NO_TRACE, Span, Trace, fail

__all__ = ["NO_TRACE", "Span", "Trace", "fail", "names"]
