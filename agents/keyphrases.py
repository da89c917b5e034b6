"""Titles for groups of passages: what one group says that the others do not.

Passages are clustered by meaning; each cluster is named by the phrase nearest to it and furthest from
its siblings: cosine to the own cluster minus half the mean cosine to the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..retrieval.passage import Passage

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

STOP = frozenset(
    "a an the and or but if of to in on at by for with from as is are was were be been it its this that"
    " these those you your we our they their he she not no can may will must should would could have has had"
    " do does when where which who what how than then so such any all each every some more most other into"
    " over under per within without after before until unless only also very just about up down out".split()
)
_VERB_END = re.compile(r"(?:ing|ed|ify|ise|ize)$")


def contrastive_titles(passages: Sequence[Passage], count: int, embeddings: Embeddings) -> list[str]:
    """Name up to `count` groups of passages; fewer where there is less to tell apart."""
    texts = [passage.text for passage in passages]
    if len(texts) < 2:
        return []
    from sklearn.cluster import KMeans

    vectors = np.asarray(embeddings.embed_documents(texts))
    groups = KMeans(n_clusters=min(count, len(texts)), n_init=4, random_state=0).fit_predict(vectors)
    centres = {group: vectors[groups == group].mean(axis=0) for group in dict.fromkeys(groups.tolist())}
    titles = []
    for group, centre in centres.items():
        phrases = candidates(" ".join(t for t, g in zip(texts, groups, strict=True) if g == group))
        if not phrases:
            continue
        near = np.asarray(embeddings.embed_documents(phrases))
        others = [other for name, other in centres.items() if name != group]
        far = near @ np.asarray(others).T if others else np.zeros((len(phrases), 1))
        best = int(np.argmax(near @ centre - 0.5 * far.mean(axis=1)))
        titles.append(phrases[best][:1].upper() + phrases[best][1:])
    return titles


def candidates(text: str, most: int = 60) -> list[str]:
    """Phrases of two or three words without stop words, numbers or a verb at the end, in text order."""
    words = re.findall(r"[^\W\d_][\w'-]*|\d[\w.,]*|[.!?;:,()|]", text)
    found: dict[str, None] = {}
    for size in (2, 3):
        for start in range(len(words) - size + 1):
            phrase = [word.lower() for word in words[start : start + size]]
            plain = all(word.isalpha() and word not in STOP and len(word) > 2 for word in phrase)
            if plain and not _VERB_END.search(phrase[-1]):
                found.setdefault(" ".join(phrase))
    return list(found)[:most]
