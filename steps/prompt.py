"""Prompts: a Jinja template beside the code, rendered from a step's parameters.

A line of three dashes parts the system message (above) from the user's message (below).
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import SandboxedEnvironment

from ..errors import DefectError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A compiled template."""

    version: str
    """First 12 hexadecimal digits of the SHA-256 of the text."""
    system: Template | None
    user: Template

    def render(self, variables: Mapping[str, Any], hint: str = "") -> list[BaseMessage]:
        """Fill in the variables; `hint`, the form of the answer, closes the user's message.

        Raises:
            DefectError: The template fails on these values.
        """
        from langchain_core.messages import HumanMessage, SystemMessage

        try:
            parts = [self.user.render(variables).strip(), hint]
            messages: list[BaseMessage] = [HumanMessage("\n\n".join(part for part in parts if part))]
            if self.system is not None:
                messages.insert(0, SystemMessage(self.system.render(variables).strip()))
        except TemplateError as error:
            raise DefectError(f"The prompt cannot be rendered: {error}.", "Fix the template.") from error
        return messages


def load_prompt(prompt: str, body: Callable[..., Any], parameters: set[str], each: str = "") -> Prompt:
    """Compile an inline text, or the file named by ``*.jinja`` in the folder of `body`'s module.

    Args:
        prompt: The text, or the name.
        body: The step's function.
        parameters: Its parameters.
        each: The variable for which the template is rendered again and again, if there is one.

    Raises:
        DefectError: The file is missing, the syntax is wrong, a variable is no parameter, or `each` is not
            among the variables.
    """
    text = prompt
    if prompt.endswith(".jinja"):
        folder = Path(inspect.getfile(body)).parent
        places = [folder / prompt, folder / "prompts" / prompt]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise DefectError(
                f"Step {body.__name__!r} has no prompt file {prompt!r}.", f"Create it in {folder}."
            )
        text = found.read_text("utf-8")
    try:
        used = meta.find_undeclared_variables(_ENVIRONMENT.parse(text))
        head, dashes, tail = text.partition("\n---\n")
        system = _ENVIRONMENT.from_string(head) if dashes else None
        user = _ENVIRONMENT.from_string(tail if dashes else text)
    except TemplateSyntaxError as error:
        raise DefectError(
            f"The prompt of step {body.__name__!r} is not valid Jinja, line {error.lineno}: {error.message}.",
            "Fix the template.",
        ) from error
    if each and each not in used:
        raise DefectError(
            f"The prompt of step {body.__name__!r} does not use {each!r}.",
            f"It is rendered for each item: write {{{{ {each} }}}}.",
        )
    unknown = used - parameters - {each}
    if unknown:
        raise DefectError(
            f"The prompt of step {body.__name__!r} uses {sorted(unknown)}, which are not its parameters.",
            f"Parameters: {sorted(parameters)}.",
        )
    return Prompt(hashlib.sha256(text.encode()).hexdigest()[:12], system, user)
