"""Agents: planner, writer, image-maker and reviewer, each a few guarded steps with their prompts.

To add one, write a module here with a `@step` (its body is the fallback) and a prompt in
``prompts/``, and use it from a graph by ``.arun(...)`` or ``.node()``.
"""
