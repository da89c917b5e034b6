"""A server on this machine that speaks the OpenAI API, word for word as a test has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from limner.models.engines.base import ChatEngine, ChatRequest, Delta, Grammar
from limner.models.loop_thread import LoopThread

Answer = Callable[[dict[str, Any]], AsyncGenerator["bytes | Status", None]]
"""From a request's body to the pieces of the answer; a `ConnectionError` breaks the connection off."""


@dataclass(frozen=True, slots=True)
class Status:
    """An answer other than 200."""

    code: int
    message: str = "no"


@dataclass(slots=True)
class Loopback:
    """What a running server has seen."""

    url: str
    answer: Answer
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    connections: int = 0
    left: int = 0
    """Requests that the client left before their end."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests in turn."""
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.headers.append(head.decode())
                size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                self.bodies.append(json.loads(await reader.readexactly(size)))
                writing = asyncio.create_task(self._write(writer, self.bodies[-1]))
                gone = asyncio.create_task(reader.read(1))
                await asyncio.wait({writing, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not writing.done():
                    self.left += 1
                    writing.cancel()
                    await asyncio.wait({writing})
                    return
                gone.cancel()
                await asyncio.wait({gone})
                writing.result()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    async def _write(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
        begun = False
        async with aclosing(self.answer(body)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Status):
                    said = json.dumps({"error": {"message": piece.message}}).encode()
                    writer.write(
                        b"HTTP/1.1 %d no\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                        % (piece.code, len(said), said)
                    )
                    await writer.drain()
                    return
                if not begun:
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
                    writer.write(b"transfer-encoding: chunked\r\n\r\n")
                    begun = True
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()


@contextmanager
def loopback(answer: Answer) -> Iterator[Loopback]:
    """Serve on a thread of its own."""
    thread = LoopThread()

    async def start() -> tuple[asyncio.Server, Loopback]:
        seen = Loopback("", answer)
        server = await asyncio.start_server(seen.serve, "127.0.0.1", 0)
        seen.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        return server, seen

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server, seen = thread.run(start())
    yield seen
    thread.run(stop())
    thread.close()


def event(value: Any) -> bytes:
    """One event of a stream."""
    return b"data: %b\n\n" % (value if isinstance(value, bytes) else json.dumps(value).encode())


def piece(text: str = "", finish: str | None = None, **delta: Any) -> bytes:
    """A piece of an answer."""
    choice = {"index": 0, "delta": {"content": text} | delta, "finish_reason": finish}
    return event({"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})


def usage(tokens_in: int, tokens_out: int) -> bytes:
    """What was used, as the last piece says it."""
    return event({"choices": [], "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}})


DONE = event(b"[DONE]")


def says_always(text: str, finish: str = "stop") -> Answer:
    """Say one text, a word at a time."""

    async def answer(body: dict[str, Any]) -> AsyncGenerator[bytes | Status, None]:
        for word in text.split(" "):
            yield piece(word + " ")
        yield piece(finish=finish)
        yield usage(5, 7)
        yield DONE

    return answer


def answers_of(engine: ChatEngine) -> Answer:
    """Say what an engine says, as the servers do that follow `response_format` and leave stop texts to us."""

    async def answer(body: dict[str, Any]) -> AsyncGenerator[bytes | Status, None]:
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        request = ChatRequest(
            messages=tuple(body["messages"]),
            grammar=None if schema is None else Grammar("json_schema", json.dumps(schema)),
            **{key: body[key] for key in ("max_tokens", "temperature", "top_p", "seed") if key in body},
        )
        async with aclosing(engine.stream(request)) as said:
            async for part in said:
                if isinstance(part, Delta):
                    yield piece(part.text)
                elif part.error is not None:
                    yield event({"error": {"message": part.error.message}})
                else:
                    yield piece(finish="length" if part.reason == "length" else "stop")
                    yield usage(part.tokens_in, part.tokens_out)
                    yield DONE

    return answer
