"""The same work as each peer does it: from a Parquet file to tables; every run returns how many steps it counted.

(a) directly-follows counts by segment, (b) reach of stages, (c) median time between stages, (d) ten commonest variants by
segment, (e) n, mean and spread of sentiment by segment and touchpoint. ``peers.py`` runs them, each where it is installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable


def run_cjmlab(path: str) -> int:
    """Read the file as ``trace_paths`` does: at most about a million events at a time."""
    from cjmlab.journeys.path_tables import finish
    from cjmlab.journeys.store import EventStore

    follows = finish(*EventStore(path).stream(), top=10).transitions
    return int(follows.loc[follows["from"].ne("start") & follows["to"].ne("end"), "n"].sum())


def run_at_once(path: str) -> int:
    """Hold the whole file in memory."""
    from cjmlab.journeys.kernel import partial
    from cjmlab.journeys.path_tables import finish
    from cjmlab.journeys.store import EventStore

    columns, names = EventStore(path).read()
    follows = finish(partial(columns), names, top=10).transitions
    return int(follows.loc[follows["from"].ne("start") & follows["to"].ne("end"), "n"].sum())


def run_store(path: str) -> int:
    """Write a store of events first, then read the paths from it."""
    from tempfile import TemporaryDirectory

    from cjmlab.sources import store_events

    with TemporaryDirectory() as folder:
        store_events(path, folder, progress=False)
        return run_cjmlab(folder)


def run_pandas(path: str) -> int:
    import pandas as pd

    table = pd.read_parquet(path).sort_values(["customer_id", "time"])
    table = table.astype(dict.fromkeys(("touchpoint", "stage", "segment"), str))
    groups = table.groupby("customer_id")
    table["to"] = groups["touchpoint"].shift(-1)
    follows = table.dropna(subset="to").groupby(["segment", "touchpoint", "to"]).size()
    table.groupby(["segment", "stage"])["customer_id"].nunique()
    enter = table[
        table["stage"].ne(groups["stage"].shift()) | table["customer_id"].ne(table["customer_id"].shift())
    ].copy()
    enter["next"] = enter.groupby("customer_id")["stage"].shift(-1)
    enter["wait"] = enter.groupby("customer_id")["time"].shift(-1) - enter["time"]
    enter.dropna(subset="next").groupby(["segment", "stage", "next"])["wait"].median()
    paths = groups.agg(segment=("segment", "first"), path=("touchpoint", " > ".join))
    paths.groupby("segment")["path"].value_counts().groupby(level=0).head(10)
    table.groupby(["segment", "touchpoint"])["sentiment"].agg(["size", "mean", "std"])
    return int(follows.sum())


def run_polars(path: str) -> int:
    import polars as pl

    table = pl.read_parquet(path).sort("customer_id", "time")
    table = table.with_columns(
        to=pl.col("touchpoint").shift(-1).over("customer_id"), before=pl.col("stage").shift(1).over("customer_id")
    )
    follows = table.drop_nulls("to").group_by("segment", "touchpoint", "to").len()
    table.group_by("segment", "stage").agg(pl.col("customer_id").n_unique())
    enter = table.filter(pl.col("before").is_null() | (pl.col("before") != pl.col("stage")))
    enter = enter.with_columns(next=pl.col("stage").shift(-1).over("customer_id"),
                               wait=pl.col("time").shift(-1).over("customer_id") - pl.col("time"))  # fmt: skip
    enter.drop_nulls("next").group_by("segment", "stage", "next").agg(pl.col("wait").median(), pl.len())
    paths = table.group_by("customer_id", maintain_order=True).agg(
        pl.col("segment").first(), pl.col("touchpoint").to_physical().cast(pl.String).str.join(">").alias("path")
    )
    paths.group_by("segment", "path").len().sort("len", descending=True).group_by("segment").head(10)
    table.group_by("segment", "touchpoint").agg(
        pl.len().alias("n"), pl.col("sentiment").mean().alias("mean"), pl.col("sentiment").std().alias("sd")
    )
    return int(follows["len"].sum())


def run_duckdb(path: str) -> int:
    import duckdb

    db = duckdb.connect()
    db.execute("SET threads = 2")
    db.execute(f"""CREATE TABLE e AS SELECT customer_id, time, touchpoint::VARCHAR touchpoint, stage::VARCHAR stage,
        segment::VARCHAR segment, sentiment, lead(touchpoint::VARCHAR) OVER w AS nxt, lag(stage::VARCHAR) OVER w AS bef
        FROM read_parquet('{path}') WINDOW w AS (PARTITION BY customer_id ORDER BY time)""")
    total = db.execute("""SELECT sum(n) FROM (SELECT segment, touchpoint, nxt, count(*) n FROM e WHERE nxt IS NOT NULL
        GROUP BY ALL)""").fetchone()
    queries = (
        "SELECT segment, stage, count(DISTINCT customer_id) FROM e GROUP BY ALL",
        """SELECT segment, stage, nxt, median(wait) FROM (SELECT segment, stage, lead(stage) OVER w nxt,
        lead(time) OVER w - time wait FROM e WHERE bef IS NULL OR bef <> stage
        WINDOW w AS (PARTITION BY customer_id ORDER BY time)) WHERE nxt IS NOT NULL GROUP BY ALL""",
        """SELECT * FROM (SELECT segment, path, count(*) n FROM (SELECT any_value(segment) segment, string_agg(touchpoint,
        '>' ORDER BY time) path FROM e GROUP BY customer_id) GROUP BY segment, path) QUALIFY row_number() OVER (PARTITION BY segment ORDER BY
        n DESC) <= 10""",
        "SELECT segment, touchpoint, count(*), avg(sentiment), stddev(sentiment) FROM e GROUP BY ALL",
    )
    for query in queries:
        db.execute(query).fetchall()
    return int(total[0]) if total else 0


def run_pm4py(path: str) -> int:
    import pandas as pd
    import pm4py

    table = pd.read_parquet(path).astype({"touchpoint": str, "segment": str, "customer_id": str})
    total = 0
    for _, part in table.groupby("segment"):
        log = pm4py.format_dataframe(part, case_id="customer_id", activity_key="touchpoint", timestamp_key="time")
        edges, _, _ = pm4py.discover_dfg(log)
        pm4py.discover_performance_dfg(log)
        pm4py.get_variants(log)
        total += sum(edges.values())
    return int(total)


def run_retentioneering(path: str) -> int:
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    import pandas as pd
    from retentioneering.eventstream.eventstream import Eventstream

    table = pd.read_parquet(path).rename(columns={"customer_id": "user_id", "touchpoint": "event", "time": "timestamp"})
    table = table.astype({"event": str, "user_id": str, "stage": str, "segment": str})
    total, steps = 0.0, sorted(table["stage"].unique())
    for _, part in table.groupby("segment"):
        stream = Eventstream(part[["user_id", "event", "timestamp"]])
        total += float(stream.transition_graph_data(edge_weight="count").to_numpy().sum())
        staged = part.assign(event=part["stage"])[["user_id", "event", "timestamp"]]
        Eventstream(staged).funnel_data(steps=steps)
    return int(total)


def run_pl4pm(path: str) -> int:
    import pl4pm
    import polars as pl

    keys = {"activity_key": "touchpoint", "case_id_key": "customer_id", "timestamp_key": "time"}
    table = (
        pl.read_parquet(path).with_columns(pl.col("touchpoint", "segment").cast(pl.String)).sort("customer_id", "time")
    )
    total = 0
    for part in table.partition_by("segment"):
        log = part.lazy()
        total += sum(pl4pm.discover_dfg(log, **keys)[0].values())
        pl4pm.discover_performance_dfg(log, perf_aggregation_key="median", **keys)
        pl4pm.get_variants(log, **keys)
    return int(total)


def run_r4pm(path: str) -> int:
    import polars as pl
    import r4pm
    from r4pm.bindings import discover_dfg, get_top_n_variants

    names = {"customer_id": "case:concept:name", "touchpoint": "concept:name", "time": "time:timestamp"}
    table = pl.read_parquet(path).sort("customer_id", "time").rename(names)
    table = table.with_columns(pl.col("concept:name", "case:concept:name", "segment").cast(pl.String))
    total = 0
    for part in table.partition_by("segment"):
        log = r4pm.import_item_from_df("EventLog", part.select(list(names.values())))
        total += sum(n for _, n in discover_dfg(log)["directly_follows_relations"])
        get_top_n_variants(r4pm.convert_item(log, "EventLogActivityProjection"), 10)
        r4pm.remove_item(log)
    return int(total)


RUNNERS: dict[str, Callable[[str], int]] = {
    "cjmlab": run_cjmlab, "at once": run_at_once, "store": run_store, "pandas": run_pandas, "polars": run_polars, "duckdb": run_duckdb,
    "pm4py": run_pm4py, "retentioneering": run_retentioneering, "pl4pm": run_pl4pm, "r4pm": run_r4pm,
}  # fmt: skip
