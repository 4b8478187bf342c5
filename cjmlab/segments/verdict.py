"""How far segments can be trusted, as one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cjmlab.segments.segmentation import Segmentation


def write_verdict(segments: Segmentation) -> str:
    """Return number, nature, stability, agreement and certainty of a segmentation as one sentence."""
    count, customers = segments.count, len(segments.assigned)
    if segments.said:
        return " ".join([segments.said, *_stability_words(segments)])
    if segments.n_segments == 1:
        if segments.method not in ("latent class", "given"):
            return f"One segment of {customers} customers: {segments.method} finds no more."
        if not count.tested:
            return f"One segment of {customers} customers: " + (
                "as asked; not tested." if len(count.table) > 1 else "too few customers to look for segments."
            )
        if count.rejected:
            return f"One segment of {customers} customers, as asked; the test rejects one continuum (z {count.evidence:.1f})."
        return (
            f"One segment of {customers} customers: no evidence of segments beyond one continuum "
            f"(largest z {count.evidence:.1f}, {count.cut:.0f} is needed)."
        )
    if segments.method == "given":
        return f"{segments.n_segments} segments of {customers} customers, given from outside; not tested."
    words = [f"{segments.n_segments} segments of {customers} customers ({segments.method}), {segments.nature}"]
    if count.tested:
        found = "rejects one continuum" if count.rejected else "does not reject one continuum"
        words.append(f"the homogeneity test {found} (z {count.evidence:.1f})")
    words += [word.rstrip(".") for word in _stability_words(segments)]
    if np.isfinite(segments.agreement):
        words.append(f"agreement with k-means ARI {segments.agreement:.2f}")
    uncertain = float(segments.members["unclassified"].mean())
    words.append(f"{100 * uncertain:.0f} % of members are uncertain")
    return "; ".join(words) + "."


def _stability_words(segments: Segmentation) -> list[str]:
    if not len(segments.jaccard):
        return []
    return [f"bootstrap Jaccard {segments.jaccard['jaccard'].min():.2f} to {segments.jaccard['jaccard'].max():.2f}."]
