"""The support bot in a FastAPI app: `uvicorn support_bot:app`, then POST {"message", "thread"} to /chat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Header

from limner import Limner


@asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    """Open the bot with the app."""
    with Limner(knowledge=Path(__file__).parent / "outfitter" / "knowledge") as app.state.bot:
        yield


app = FastAPI(lifespan=life)


@app.post("/chat")
async def chat(said: dict[str, str], x_customer: str = Header(default="")) -> dict[str, object]:
    """Answer one message; the customer comes from your own sign-in."""
    reply = await app.state.bot.aask(said["message"], said["thread"], x_customer)
    return {"text": reply.text, "status": reply.status, "sources": [c.source for c in reply.citations]}
