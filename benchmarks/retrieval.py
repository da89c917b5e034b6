"""How well and how fast passages are found, beside what else is at hand: `limner bench retrieval`.

All sides search the same passages with the same MiniLM: Limner; Chroma's plain dense search; bm25s;
LangChain's EnsembleRetriever over BM25 and Chroma. A side whose package is not installed is left out.
Documents are ranked by their best passage. The data lies beside the repository; a corpus that is not there is
left out.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from limner.models import Store, open_embeddings
from limner.retrieval import KnowledgeBase, Passage, Text
from limner.settings import load_settings

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
K = 50
THREADS = (1, 8, 32)
TIMED = 128
"""Queries that are timed at each number of threads."""
LARGE = 20_000
"""Passages of the index that speed is measured on; its vectors are drawn, its queries are embedded."""
FLIPS = 10_000

Find = Callable[[str], list[str]]
"""From a query to document ids, best first."""


@dataclass(frozen=True)
class Corpus:
    """Documents, and queries with the grade of each right document."""

    documents: dict[str, str]
    queries: list[tuple[str, dict[str, float]]]


def main(corpora: Sequence[str] = ("cranfield", "squad2"), large: int = LARGE) -> dict[str, Any]:
    """Run everything that can be run here and return the figures."""
    settings = load_settings()
    embeddings = open_embeddings(settings.embeddings.name, Store(settings.models_folder))
    embeddings.embed_query("Load the model before anything is timed.")
    result: dict[str, Any] = {
        name: _corpus(read(name), embeddings) for name in corpora if (DATA / name).exists()
    }
    if large:
        result["large"] = speed(embeddings, large)
    return result


def read(name: str) -> Corpus:
    """Read a corpus; queries without a right document are left out."""

    def rows(file: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (DATA / name / file).read_text("utf-8").splitlines()]

    if name == "squad2":
        asked = [
            (row["question"], {row["doc_id"]: 1.0}) for row in rows("questions.jsonl") if row["answerable"]
        ]
        return Corpus({row["id"]: row["text"] for row in rows("passages.jsonl")}, asked)
    right: dict[str, dict[str, float]] = {}
    for row in rows("qrels.jsonl"):
        right.setdefault(row["qid"], {})[row["doc_id"]] = row["grade"]
    asked = [(row["text"], right[row["id"]]) for row in rows("queries.jsonl") if row["id"] in right]
    return Corpus({row["id"]: row["text"] for row in rows("corpus.jsonl") if row["text"].strip()}, asked)


def _corpus(corpus: Corpus, embeddings: Embeddings) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        names, docs = {}, Path(folder) / "docs"
        docs.mkdir()
        for number, (name, text) in enumerate(corpus.documents.items()):
            names[f"{number}.txt"] = name
            (docs / f"{number}.txt").write_text(text, "utf-8")
        with KnowledgeBase(Path(folder) / "index", embeddings) as base:
            began, cpu = time.perf_counter(), time.process_time()
            added = base.add(docs)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            size = sum(file.stat().st_size for file in (Path(folder) / "index").rglob("*") if file.is_file())
            passages = [passage for name in base.documents() for passage in base.passages_of(name)]

            def limner(query: str) -> list[str]:
                return _ranked([names[passage.source] for passage in base.search(query, K)])

            sides = {"limner": limner, **peers(passages, names, embeddings)}
            rows, gains = {}, {}
            for side, find in sides.items():
                gains[side], rows[side] = quality(find, corpus)
                rows[side] |= {f"ms_{n}": _milliseconds(find, corpus, n) for n in THREADS}
    single = max((side for side in ("dense", "bm25s") if side in rows), key=lambda side: rows[side]["ndcg10"])
    return {
        "passages": added.passages,
        "queries": len(corpus.queries),
        "sides": rows,
        "index_seconds_per_1000": round(seconds / added.passages * 1000, 1),
        "index_cpu_seconds_per_1000": round(cpu / added.passages * 1000, 1),
        "bytes_per_1000": round(size / added.passages * 1000),
        "better_single": single,
        "p_value": p_value(gains["limner"], gains[single]),
    }


def peers(passages: list[Passage], names: dict[str, str], embeddings: Embeddings) -> dict[str, Find]:
    """Return the other sides over the same passages, as far as they are installed."""
    import chromadb
    from chromadb.config import Settings

    texts = [passage.text for passage in passages]
    owners = [names[passage.source] for passage in passages]
    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
    collection: Any = client.create_collection(
        f"passages-{len(passages)}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    for first in range(0, len(texts), 256):
        batch = texts[first : first + 256]
        ids = [str(number) for number in range(first, first + len(batch))]
        collection.add(ids=ids, embeddings=embeddings.embed_documents(batch), documents=batch)

    def nearest(query: str) -> list[str]:
        ids = collection.query(query_embeddings=[embeddings.embed_query(query)], n_results=K, include=[])[
            "ids"
        ]
        return [str(number) for number in ids[0]]

    sides: dict[str, Find] = {"dense": lambda query: _ranked([owners[int(n)] for n in nearest(query)])}
    try:
        import bm25s

        words = bm25s.BM25()
        words.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

        def by_words(query: str) -> list[str]:
            tokens = bm25s.tokenize([query], stopwords="en", show_progress=False)
            found, _ = words.retrieve(tokens, k=min(K, len(texts)), show_progress=False)
            return _ranked([owners[int(number)] for number in found[0]])

        sides["bm25s"] = by_words
    except ImportError:
        print("bm25s is not installed: left out", file=sys.stderr)
    try:
        sides["ensemble"] = _ensemble(texts, owners, nearest)
    except ImportError:
        print(
            "langchain-classic, langchain-community or rank_bm25 is not installed: left out", file=sys.stderr
        )
    return sides


def _ensemble(texts: list[str], owners: list[str], nearest: Find) -> Find:
    """Return LangChain's own fusion of BM25 and Chroma's neighbours, half and half as its examples do."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.runnables import RunnableLambda

    documents = [Document(text, metadata={"n": number}) for number, text in enumerate(texts)]
    words = BM25Retriever.from_documents(documents, k=K)
    dense = RunnableLambda(lambda query: [documents[int(number)] for number in nearest(query)])
    both = EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5], id_key="n")
    return lambda query: _ranked([owners[found.metadata["n"]] for found in both.invoke(query)])


def quality(find: Find, corpus: Corpus) -> tuple[list[float], dict[str, float]]:
    """Return nDCG@10 of each query, and the means."""
    gains, ranks, shares = [], [], {5: [], 20: []}  # type: ignore[var-annotated]
    for query, right in corpus.queries:
        found = find(query)
        best = sorted(right.values(), reverse=True)[:10]
        ideal = sum(grade / math.log2(at + 2) for at, grade in enumerate(best))
        gained = sum(right.get(name, 0.0) / math.log2(at + 2) for at, name in enumerate(found[:10]))
        gains.append(gained / ideal)
        ranks.append(next((1 / at for at, name in enumerate(found, 1) if name in right), 0.0))
        for depth, share in shares.items():
            share.append(len(right.keys() & set(found[:depth])) / len(right))
    means = {"ndcg10": gains, "recall5": shares[5], "recall20": shares[20], "mrr": ranks}
    return gains, {name: round(statistics.fmean(values), 4) for name, values in means.items()}


def p_value(ours: Sequence[float], theirs: Sequence[float], seed: int = 0) -> float:
    """Return the chance of a mean difference as large if the sides were alike (paired, two-sided)."""
    import numpy as np

    differences = np.subtract(ours, theirs)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(FLIPS, len(differences)))
    as_large = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-12
    return round((int(as_large.sum()) + 1) / (FLIPS + 1), 5)


def speed(embeddings: Embeddings, count: int) -> dict[str, float]:
    """Return what searching and changing an index of `count` passages costs, queries embedded for real."""
    with tempfile.TemporaryDirectory() as folder:
        chance, drawn = random.Random(0), Drawn(embeddings)
        vocabulary = [f"{chance.choice('bcdfglmnprst')}{chance.choice('aeiou')}{n:x}" for n in range(20_000)]
        # Words as frequent as in language: the n-th has weight 1/n.
        weights = [1 / (n + 1) for n in range(len(vocabulary))]
        texts = [" ".join(chance.choices(vocabulary, weights, k=70)) + "." for _ in range(count)]
        docs = Path(folder) / "docs"
        docs.mkdir()
        for first in range(0, count, 4):
            (docs / f"{first}.txt").write_text("\n\n".join(texts[first : first + 4]), "utf-8")
        with KnowledgeBase(Path(folder) / "index", drawn) as base:
            base.add(docs)
            passages = base._index.store.count("passages")
            asked = (vocabulary[:2000], weights[:2000])
            queries = [" ".join(chance.choices(*asked, k=8)) for _ in range(200)]
            walls, cpus = [], []
            for query in queries:
                began, cpu = time.perf_counter(), time.process_time()
                base.search(query, 10)
                walls.append((time.perf_counter() - began) * 1e3)
                cpus.append((time.process_time() - cpu) * 1e3)
            changes = []
            for number in range(5):
                (docs / "0.txt").write_text(f"{texts[0]}\n\nChange {number} of this text.", "utf-8")
                began = time.perf_counter()
                base.add(docs)
                changes.append(time.perf_counter() - began)
            began = time.perf_counter()
            base.add_texts([Text("note", "One more text.")])
            one = time.perf_counter() - began
    return {
        "passages": passages,
        "query_ms_median": round(statistics.median(walls), 1),
        "query_ms_p95": round(statistics.quantiles(walls, n=20)[-1], 1),
        "query_cpu_ms_p95": round(statistics.quantiles(cpus, n=20)[-1], 1),
        "change_seconds": round(statistics.median(changes), 2),
        "add_text_seconds": round(one, 2),
    }


class Drawn(Embeddings):
    """Vectors drawn by text for documents, the model's own for queries: no hours of indexing."""

    def __init__(self, model: Embeddings) -> None:
        self.identity = "drawn"
        self._model = model

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text, the same for the same text."""
        import numpy as np

        seeds = [sum(text.encode()) * 65_537 + len(text) for text in texts]
        return [np.random.default_rng(seed).normal(size=384).tolist() for seed in seeds]

    def embed_query(self, text: str) -> list[float]:
        """Return the model's vector."""
        return self._model.embed_query(text)


def _milliseconds(find: Find, corpus: Corpus, threads: int) -> float:
    """Return wall-clock milliseconds a query when `threads` ask at once."""
    queries = [query for query, _ in corpus.queries[:TIMED]]
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(find, queries))
        return round((time.perf_counter() - began) / len(queries) * 1e3, 1)


def _ranked(owners: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(owners))


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
