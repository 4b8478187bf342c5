"""How far segments can be trusted, as one sentence in four languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cjmlab.segments.naming import phrase
from cjmlab.vocabulary import language_code

if TYPE_CHECKING:
    from cjmlab.segments.segmentation import Segmentation

DEFAULT = "latent class"


def write_verdict(segments: Segmentation, language: str = "en") -> str:
    """Return number, nature, stability, agreement and certainty of a segmentation as one sentence.

    What the maker of the segments says (``said``) opens the verdict as it was written.
    """
    code = language_code(language)
    jaccard = _jaccard(segments, code)
    if segments.said:
        return " ".join([segments.said, *(f"{words}." for words in jaccard)])
    if segments.n_segments == 1:
        return _one_segment(segments, code)
    k, n, count = segments.n_segments, len(segments.assigned), segments.count
    if segments.method == "given":
        return phrase("verdict_given", code, k=k, n=n)
    method = phrase("latent_class", code) if segments.method == DEFAULT else segments.method
    words = [phrase("verdict_found", code, k=k, n=n, method=method, nature=phrase(segments.nature, code))]
    if count.tested:
        words.append(phrase("verdict_rejects" if count.rejected else "verdict_keeps", code, z=f"{count.evidence:.1f}"))
    words += jaccard
    if np.isfinite(segments.agreement):
        words.append(phrase("verdict_kmeans", code, ari=f"{segments.agreement:.2f}"))
    uncertain = float(segments.members["unclassified"].mean())
    words.append(phrase("verdict_uncertain", code, share=f"{100 * uncertain:.0f}"))
    return ("；" if code.startswith("zh") else "; ").join(words) + ("。" if code.startswith("zh") else ".")


def _one_segment(segments: Segmentation, code: str) -> str:
    n, count = len(segments.assigned), segments.count
    if segments.method not in (DEFAULT, "given"):
        return phrase("verdict_one_model", code, n=n, method=segments.method)
    if not count.tested:
        return phrase("verdict_one_asked" if len(count.table) > 1 else "verdict_one_few", code, n=n)
    kind = "verdict_one_against" if count.rejected else "verdict_one"
    return phrase(kind, code, n=n, z=f"{count.evidence:.1f}", cut=f"{count.cut:.0f}")


def _jaccard(segments: Segmentation, code: str) -> list[str]:
    if not len(segments.jaccard):
        return []
    low, high = segments.jaccard["jaccard"].min(), segments.jaccard["jaccard"].max()
    return [phrase("verdict_jaccard", code, low=f"{low:.2f}", high=f"{high:.2f}")]
