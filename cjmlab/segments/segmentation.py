"""The result: who belongs where, how sure that is, what the segments are like and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError, did_you_mean
from cjmlab.segments.count import Count
from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.models import Labels, Mixture
from cjmlab.segments.naming import segment_key, trait_lines
from cjmlab.segments.personas import entropy_r2, write_personas
from cjmlab.segments.plane import lay_on_plane
from cjmlab.segments.profile import profile_segments, shares_with_interval
from cjmlab.segments.reading import Floats
from cjmlab.segments.refresh import Drift, compare_segments, measure_drift, named_like, type_customers
from cjmlab.segments.typing_tool import TypingTool, build_typing_tool
from cjmlab.segments.weights import bch_weights
from cjmlab.study.charter import ColumnRoles
from cjmlab.vocabulary import Label

UNCLASSIFIED = 0.6


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation:
    """Customers in segments, with the evidence for them. Made by ``segment_customers``.

    Parameters
    ----------
    customers : DataFrame
        The table that was segmented, one row a customer.
    space : FeatureSpace
        The columns and how they became numbers.
    roles : ColumnRoles
        Declared roles, labels and names.
    assigned : ndarray (n,)
        Segment number of each customer, 0 is the largest.
    posterior : ndarray (n, K)
        Class probabilities of each customer.
    labels : mapping
        Segment name → Label, from the largest to the smallest.
    mixture : Mixture
        The mixed model of the segments; it types new customers.
    count : Count
        The homogeneity test and the criteria.
    method : str
        Which model made the segments.
    agreement : float
        Adjusted Rand index with the second opinion (k-means); nan when there is none.
    jaccard : DataFrame
        Bootstrap Jaccard and its word, one row a segment.
    boot_ari : ndarray
        Agreement of the solution with each bootstrap refit.
    notes : tuple of str
        What the reader should know, one sentence each.
    flags : DataFrame
        customer_id, straightliner, speeder.
    estimator : estimator, optional
        The fitted scikit-learn model, when one was passed in.
    said : str
        What the maker says of segments that do not come from ``segment_customers``; it opens the verdict.

    Examples
    --------
    >>> table = pd.DataFrame({"customer_id": list("abcd"), "plan": ["pro", "free", "free", "pro"]})
    >>> Segmentation.from_column(table, "plan").summary[["segment", "n"]].values.tolist()
    [['free', 2], ['pro', 2]]
    """

    customers: pd.DataFrame
    space: FeatureSpace
    roles: ColumnRoles
    assigned: Labels
    posterior: Floats
    labels: Mapping[str, Label]
    mixture: Mixture | None
    count: Count
    method: str
    agreement: float = float("nan")
    jaccard: pd.DataFrame = field(default_factory=pd.DataFrame)
    boot_ari: Floats = field(default_factory=lambda: np.empty(0))
    notes: tuple[str, ...] = ()
    flags: pd.DataFrame = field(default_factory=pd.DataFrame)
    estimator: Any = None
    said: str = ""

    @property
    def n_segments(self) -> int:
        """How many segments; 1 means no evidence of segments beyond one continuum."""
        return len(self.labels)

    @property
    def names(self) -> tuple[str, ...]:
        """Segment names, the largest segment first."""
        return tuple(self.labels)

    @property
    def members(self) -> pd.DataFrame:
        """One row a customer: customer_id, segment, posterior, unclassified (posterior below .6)."""
        names = np.array(self.names, dtype=object)
        own = self.posterior[np.arange(len(self.assigned)), self.assigned]
        return pd.DataFrame(
            {
                "customer_id": self.customers["customer_id"].astype(str).to_numpy(),
                "segment": names[self.assigned],
                "posterior": np.round(own, 6),
                "unclassified": own < UNCLASSIFIED,
            }
        )

    @property
    def posteriors(self) -> pd.DataFrame:
        """Class probabilities: one row a customer, one column a segment."""
        index = pd.Index(self.customers["customer_id"].astype(str), name="customer_id")
        return pd.DataFrame(self.posterior, index=index, columns=list(self.names))

    @property
    def summary(self) -> pd.DataFrame:
        """One row a segment: segment, n, share, low, high (95 % Wilson), uncertain (share of members below .6)."""
        table = shares_with_interval(self.assigned, self.names)
        members = self.members
        uncertain = members.groupby("segment")["unclassified"].mean()
        table["uncertain"] = table["segment"].map(uncertain).fillna(0.0).astype(float)
        return table

    @property
    def report(self) -> pd.DataFrame:
        """What was done to each column: column, role, kind, block, missing, weight, done."""
        rows = []
        for plan in self.space.plans:
            done = plan.note
            if plan.role == "active" and plan.block in self.space.centred:
                done += f"; row-centred in battery '{plan.block}'"
            rows.append((plan.column, plan.role, plan.kind, plan.block, round(plan.missing, 4), plan.weight, done))
        return pd.DataFrame(rows, columns=["column", "role", "kind", "block", "missing", "weight", "done"])

    @property
    def stability(self) -> pd.DataFrame:
        """One row a segment: segment, n, jaccard, word (Hennig), uncertain."""
        table = self.summary[["segment", "n", "uncertain"]].copy()
        if len(self.jaccard) == len(table):
            table.insert(2, "jaccard", self.jaccard["jaccard"].to_numpy())
            table.insert(3, "word", self.jaccard["word"].to_numpy())
        return table

    @property
    def nature(self) -> str:
        """Natural, reproducible, constructive (Dolnicar and Leisch), given or none."""
        if self.n_segments == 1:
            return "none"
        if self.method == "given":
            return "given"
        stable = len(self.jaccard) > 0 and bool((self.jaccard["jaccard"] >= 0.75).all())
        if not stable:
            return "constructive"
        return "natural" if self.count.rejected else "reproducible"

    @property
    def verdict(self) -> str:
        """One sentence on how far the segments can be trusted; ``verdict_in`` says it in other languages."""
        return self.verdict_in("en")

    def verdict_in(self, language: str) -> str:
        """Return the verdict in a language; see ``write_verdict``."""
        from cjmlab.segments.verdict import write_verdict

        return write_verdict(self, language)

    def profile(self) -> pd.DataFrame:
        """Return shares, means and effects of every column in every segment; see ``profile_segments``."""
        return self._profile.copy()

    @cached_property
    def _profile(self) -> pd.DataFrame:
        return profile_segments(self.customers, self.assigned, self.names, self.space.plans)

    def traits(self, segment: str, *, language: str = "en", top: int = 5) -> pd.DataFrame:
        """Return what a segment has more of, as text: label, value, effect; one row a trait, the strongest first."""
        from cjmlab.vocabulary import language_code

        name = self.find(segment)
        return trait_lines(self._profile, name, self.roles, language_code(language), top)

    def find(self, segment: str) -> str:
        """Return the name of a segment from its name in any language.

        Raises
        ------
        CjmError
            When there is no such segment.
        """
        for name, label in self.labels.items():
            if name == segment or label.matches(segment):
                return name
        raise CjmError(f"{segment!r} is not a segment", where="segment", remedy=did_you_mean(segment, self.names))

    def goal(self, segment: str) -> Label | None:
        """Return the declared goal of a segment, or None."""
        name = self.find(segment)
        for key, goal in self.roles.goals.items():
            if key == name or self.labels[name].matches(key):
                return goal
        return None

    def named(self, names: Mapping[str, object]) -> Segmentation:
        """Return the same segments under other names: old name → text, Label or language → text."""
        chosen = {self.find(old): Label.of(new, language=self.roles.language) for old, new in names.items()}
        labels = {
            segment_key(label, self.roles): label for label in (chosen.get(k, self.labels[k]) for k in self.labels)
        }
        if len(labels) < len(self.labels):
            raise CjmError("two segments would have the same name", where="named", remedy="Give each its own name.")
        return replace(self, labels=labels)

    def personas(self, language: str = "en", *, feedback: pd.DataFrame | None = None, quotes: int = 3) -> pd.DataFrame:
        """Return one persona card a segment, with quotes when a feedback table is given; see ``write_personas``."""
        return write_personas(self, language, feedback=feedback, quotes=quotes)

    def predict(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return customer_id, segment, posterior and unclassified of new customers; gaps are allowed."""
        typed, posterior = type_customers(self, customers)
        own = posterior[np.arange(len(typed)), typed]
        ids = customers["customer_id"].astype(str).to_numpy()
        segment = np.array(self.names, dtype=object)[typed]
        return pd.DataFrame(
            {"customer_id": ids, "segment": segment, "posterior": np.round(own, 6), "unclassified": own < UNCLASSIFIED}
        )

    def plane(self, *, rows: int = 2000) -> pd.DataFrame:
        """Return customers on the first two components of the prepared columns; see ``lay_on_plane``."""
        return lay_on_plane(self, rows=rows)

    def typing_tool(self, *, items: int = 6) -> TypingTool:
        """Return the few items that type a customer, cross-validated; see ``TypingTool``."""
        return build_typing_tool(self, items=items)

    def compare(self, other: Segmentation) -> pd.DataFrame:
        """Match these segments to others and return how far they agree; see ``compare_segments``."""
        return compare_segments(self, other)

    def named_like(self, other: Segmentation) -> Segmentation:
        """Return these segments under the names of their matches in an earlier segmentation."""
        return named_like(self, other)

    def drift(self, customers: pd.DataFrame) -> Drift:
        """Return how customers of a later wave fit these segments; see ``Drift``."""
        return measure_drift(self, customers)

    @property
    def certainty(self) -> float:
        """Entropy R² of the memberships, 0 to 1."""
        return entropy_r2(self.posterior)

    @property
    def weights(self) -> Floats:
        """Weights (n, K) that free later figures from the bias of misclassification, plain membership where none can."""
        weights = bch_weights(self.posterior, self.assigned)
        return np.eye(self.n_segments)[self.assigned] if weights is None else weights

    @staticmethod
    def from_column(customers: pd.DataFrame, column: str) -> Segmentation:
        """Return segments that are given by a column of the customer table."""
        from cjmlab.segments.given import segments_from_column

        return segments_from_column(customers, column)

    @staticmethod
    def from_posterior(
        customers: pd.DataFrame, posterior: pd.DataFrame, labels: Mapping[str, object] | None = None
    ) -> Segmentation:
        """Return segments that another model gave: a row of probabilities a customer id, a column a segment."""
        from cjmlab.segments.given import segments_from_posterior

        return segments_from_posterior(customers, posterior, labels)

    def __repr__(self) -> str:
        lines = [f"<Segmentation: {self.verdict}"]
        lines += [
            f"  {row['segment']}: {row['n']} ({100 * row['share']:.0f} %)" for row in self.summary.to_dict("records")
        ]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(str(row['segment']))}</td><td>{row['n']}</td>"
            f"<td>{100 * row['share']:.0f} % ({100 * row['low']:.0f}–{100 * row['high']:.0f})</td></tr>"
            for row in self.summary.to_dict("records")
        )
        head = "<tr><th>segment</th><th>customers</th><th>share (95 %)</th></tr>"
        return f"<div><p>{escape(self.verdict)}</p><table>{head}{rows}</table></div>"
