"""The OpenAI engine before a real server: `transformers serve`, a process of its own on this machine.

It follows no `response_format` and knows no stop texts, which is what a plain server is like.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from limner.errors import DeadlineError
from limner.models import ChatLimner
from limner.steps import step

from .conftest import small_model

pytestmark = [pytest.mark.slow, pytest.mark.weights]


@step(prompt="Is this a question? {{ text }}")
def is_question(text: str) -> Literal["yes", "no"]:
    """Go by the last character."""
    return "yes" if text.endswith("?") else "no"


@pytest.fixture(scope="module")
def folder() -> Path:
    """The unpacked copy of the small model, which the torch engine makes."""
    weights = small_model()
    with closing(ChatLimner(f"path:{weights}", engine="torch", max_tokens=1)) as chat:
        chat.invoke("Hello")
    return next(weights.parent.glob("unpacked-*"))


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", folder, "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*map(str, command), "--port", str(port), "--device", "cpu", "--log-level", "info"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    assert process.stderr is not None
    if not any("startup complete" in line for line in process.stderr):
        pytest.skip("transformers serve does not start; it needs the extra transformers[serving]")
    yield f"openai:http://127.0.0.1:{port}/v1#{folder}"
    process.kill()
    process.communicate()


def test_answers_stop_texts_deadlines_and_steps_on_a_real_server(server: str) -> None:
    with closing(ChatLimner(server, max_tokens=24)) as chat:
        message = chat.invoke("What is the capital of France?")
        assert "Paris" in str(message.content)
        assert message.usage_metadata is not None
        assert message.usage_metadata["output_tokens"] > 3
        assert len(list(chat.stream("What is the capital of France?"))) > 3
        assert "3" not in str(chat.invoke("Count from 1 to 9.", stop=["3"]).content)
        with pytest.raises(DeadlineError):
            chat.invoke("Tell a long story.", max_tokens=300, deadline=time.monotonic() + 0.5)
        assert is_question.using(chat).run("Where is it?").value in ("yes", "no")
