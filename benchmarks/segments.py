"""Find planted segments, and none where there are none: the default beside its peers, reached beside bar.

    python benchmarks/segments.py                 44 worlds of the method table, 20 worlds a row of the count table
    python benchmarks/segments.py --worlds 6      a short look

Peers run in the same process on the same rows: k-means in three preparations, Ward, Gaussian mixture, k-means after
PCA, and the latent class model of stepmix (Gaussian and categorical, row-centred). The true number is given to all.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from segment_worlds import forty_four_worlds, plant_world
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from stepmix import StepMix

from cjmlab.segments import segment_customers
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.features import centre_batteries, fit_space
from cjmlab.segments.models import fit_kmeans
from cjmlab.segments.partition import fit_partition, mixed_matrix, mixed_measurement
from cjmlab.segments.stability import adjusted_rand
from cjmlab.segments.style import choose_centred

BARS = {"low": 0.95, "middle": 0.85, "high": 0.62}
COUNT_ROWS = (
    ("noise", {"k": 1}, "= 1", 0.95),
    ("one-factor halo", {"k": 1, "halo": 0.9}, "= 1", 0.95),
    ("strong halo", {"k": 1, "halo": 1.6}, "= 1", 0.95),
    ("response style", {"k": 1, "style": 0.8}, "= 1", 0.95),
    ("three", {"k": 3, "overlap": "low"}, "= 3", 0.95),
    ("three, middle", {"k": 3, "overlap": "middle"}, "= 3", 0.95),
    ("five", {"k": 5, "overlap": "low"}, "5 ± 1", 0.90),
    ("five, middle", {"k": 5, "overlap": "middle"}, "5 ± 1", 0.90),
)


def methods_of(world) -> dict[str, tuple[float, float]]:
    """Return ARI and seconds of each method on one world."""
    k, out = int(world.about["k"]), {}

    def add(name, fit):
        start = time.process_time()
        out[name] = (adjusted_rand(np.asarray(fit()), world.truth), time.process_time() - start)

    space = fit_space(plan_columns(world.customers, roles=world.roles))
    raw = space.raw(world.customers)
    centred = centre_batteries(space, raw, ["attitudes"])

    def default():
        chosen, _ = choose_centred(space, raw)
        return fit_partition(centre_batteries(space, raw, chosen), raw, k).assigned

    def stepmix():
        mixed = centred.mixed(raw)
        model = StepMix(k, measurement=mixed_measurement(mixed), n_init=3, max_iter=200, abs_tol=1e-5, progress_bar=0,
                        random_state=0)  # fmt: skip
        return model.fit(mixed_matrix(mixed)).predict(mixed_matrix(mixed))

    def after_pca():
        design = centred.design(raw)
        kept = int(max(2, (PCA().fit(design).explained_variance_ > design.var(axis=0).mean()).sum()))
        return fit_kmeans(PCA(kept, random_state=0).fit_transform(design), k)

    add("cjmlab default", default)
    add("latent class, stepmix, row-centred", stepmix)
    add("k-means, row-centred, KNN", lambda: fit_kmeans(centred.design(raw, impute="knn"), k))
    add("k-means, row-centred", lambda: fit_kmeans(centred.design(raw), k))
    add("PCA, k-means", after_pca)
    add("k-means, standardised", lambda: fit_kmeans(space.design(raw), k))
    if len(raw) <= 2000:
        add("Ward, row-centred", lambda: AgglomerativeClustering(k).fit_predict(centred.design(raw)))
    add("Gaussian mixture, diagonal",
        lambda: GaussianMixture(k, covariance_type="diag", n_init=3, random_state=0).fit_predict(centred.design(raw)))  # fmt: skip
    return out


def method_table(worlds: int) -> pd.DataFrame:
    """Print and return mean ARI of each method by overlap and style."""
    rows = []
    for world in forty_four_worlds()[:worlds]:
        for name, (ari, seconds) in methods_of(world).items():
            rows.append({"method": name, "ari": ari, "seconds": seconds, **world.about})
    table = pd.DataFrame(rows)
    parts = [table.groupby("method")["ari"].mean().rename("all")]
    parts.append(table.pivot_table(index="method", columns="overlap", values="ari").reindex(columns=list(BARS)))
    parts.append(table.pivot_table(index="method", columns="style", values="ari").add_prefix("style "))
    parts.append(table.pivot_table(index="method", columns="missing", values="ari").add_prefix("missing "))
    parts.append(table[table["n"] == 1000].groupby("method")["seconds"].median().rename("seconds at 1,000"))
    wide = pd.concat(parts, axis=1).sort_values("all", ascending=False)
    print(f"\nMean ARI on {min(worlds, 44)} planted worlds (true number given)")
    print(wide.round(3).to_string())
    for overlap, bar in BARS.items():
        if overlap in wide.columns and np.isfinite(wide.loc["cjmlab default", overlap]):
            reached = wide.loc["cjmlab default", overlap]
            print(f"  {overlap:7s} reached {reached:.3f}  bar {bar}  {'ok' if round(reached, 3) >= bar else 'SHORT'}")
    return table


def count_table(worlds: int) -> pd.DataFrame:
    """Print and return how often the number of segments is right, every call with its whole test."""
    rows = []
    for name, settings, wanted, bar in COUNT_ROWS:
        answers, seconds = [], []
        for seed in range(worlds):
            world = plant_world((400, 1000)[seed % 2], seed=5000 + seed, **settings)
            start = time.process_time()
            answers.append(segment_customers(world.customers, roles=world.roles, n_boot=0).n_segments)
            seconds.append(time.process_time() - start)
        truth, slack = int(settings["k"]), 1 if "±" in wanted else 0
        reached = float(np.mean([abs(answer - truth) <= slack for answer in answers]))
        exact = float(np.mean([answer == truth for answer in answers]))
        rows.append({"world": name, "wanted": wanted, "reached": reached, "bar": bar, "exact": exact,
                     "ok": reached >= bar, "answers": " ".join(map(str, answers)), "seconds": np.median(seconds)})  # fmt: skip
        print("  {world:16s} {wanted:6s} reached {reached:.2f}  bar {bar:.2f}  exact {exact:.2f}  {seconds:.1f} s  [{answers}]"
              .format(**rows[-1]), flush=True)  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=44)
    worlds = parser.parse_args().worlds
    warnings.simplefilter("ignore")
    method_table(worlds)
    print(f"\nNumber of segments, n 400 and 1,000, {min(worlds, 20)} worlds a row")
    count_table(min(worlds, 20))


if __name__ == "__main__":
    main()
