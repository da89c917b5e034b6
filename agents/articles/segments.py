"""Sections of a text without headings: runs of its paragraphs that speak of one thing.

Dynamic programming over the paragraphs, as in Utiyama and Isahara, "A Statistical Model for
Domain-Independent Text Segmentation" (2001), with the likeness of paragraphs in place of their words.
"""

from __future__ import annotations

from collections.abc import Sequence

_LEAST, _MOST = 70, 260
"""Words of a segment, where the paragraphs allow it."""
_PRICE = 0.6
"""Of one more segment, against the unlikeness of a paragraph to its segment, which is from 0 to 1."""


def segments(words: Sequence[int], alike: Sequence[Sequence[float]]) -> list[range]:
    """Cut a row of paragraphs where the subject changes.

    Args:
        words: How long each paragraph is.
        alike: How like each is to each, from 0 to 1.

    Returns:
        Runs of their numbers, in order; together all of them.
    """
    count = len(words)
    best = [0.0] + [float("inf")] * count
    cut = [0] * (count + 1)
    for end in range(1, count + 1):
        total, inside = 0, 0.0
        for start in range(end - 1, -1, -1):
            total += words[start]
            if total > _MOST and start < end - 1:
                break
            # the sum of the likeness of every pair, itself included
            inside += 2 * sum(alike[start][other] for other in range(start + 1, end)) + 1
            size = end - start
            cost = size - inside / size + _PRICE + max(0.0, 1 - total / _LEAST)
            if best[start] + cost < best[end]:
                best[end], cut[end] = best[start] + cost, start
    runs, end = [], count
    while end:
        runs.append(range(cut[end], end))
        end = cut[end]
    return runs[::-1]
