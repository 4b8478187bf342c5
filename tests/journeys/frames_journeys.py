"""Small frames that the tests of journeys and moments share."""

from __future__ import annotations

import numpy as np
import pandas as pd

PLACES = {"social_ad": "aware", "search": "prepare", "checkout": "buy", "payment": "buy", "delivery": "deliver",
          "returns": "aftersales"}  # fmt: skip
BLANK = dict.fromkeys(["text", "start", "end", "lane", "negative", "neutral", "positive"])


def rating(
    customer: str | None, touchpoint: str, value: float, *, number: int = 0, **more: object
) -> dict[str, object]:
    """One rated row."""
    identity = f"{customer}-{touchpoint}-{number}"
    return {**BLANK, "unit_id": f"{identity}#r", "feedback_id": identity, "customer_id": customer,
            "touchpoint": touchpoint, "stage": PLACES[touchpoint], "coder": "asked", "asks": "experience",
            "rating": value, "scale": "1-5", "sentiment": value, "scorer": "rating", "source_type": "survey",
            "confidence": 1.0, "language": None, **more}  # fmt: skip


def words(
    customer: str | None, touchpoint: str, value: float, text: str, *, number: int = 0, **more: object
) -> dict[str, object]:
    """One clause of words."""
    row = rating(customer, touchpoint, value, number=number)
    return {**row, "unit_id": f"{row['feedback_id']}#t", "text": text, "start": 0.0, "end": float(len(text)),
            "coder": "keyword", "asks": "open", "rating": None, "scale": None, "scorer": "linear", "confidence": 0.8,
            "language": "en", **more}  # fmt: skip


def five(values: np.ndarray) -> np.ndarray:
    """Round to a five-point scale on −1 … 1."""
    return np.clip(np.round(values * 2) / 2, -1, 1)


def survey(
    customers: int = 240, *, seed: int = 0, segments: str = "ABC", met: float = 0.8
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Ratings of a small planted study; its members; the planted means."""
    rng = np.random.default_rng(seed)
    means = pd.DataFrame(rng.normal(0.1, 0.4, (len(segments), len(PLACES))), list(segments), list(PLACES))
    rows, members = [], []
    for i in range(customers):
        name, who = segments[i % len(segments)], f"c{i:04d}"
        members.append((who, name))
        for point in PLACES:
            value = float(five(means.loc[name, point] + rng.normal(0, 0.4)))
            if rng.random() < met:
                rows.append(rating(who, point, value))
    return pd.DataFrame(rows), pd.DataFrame(members, columns=["customer_id", "segment"]), means


def log(paths: dict[str, list[str]], *, hours: float = 1.0, **columns: object) -> pd.DataFrame:
    """Events of customers, an hour apart."""
    rows = [
        (f"{who}-{i}", who, pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(hours=hours * i), point, point, PLACES[point])
        for who, path in paths.items() for i, point in enumerate(path)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["event_id", "customer_id", "time", "event", "touchpoint", "stage"])
    return table.assign(**columns)
