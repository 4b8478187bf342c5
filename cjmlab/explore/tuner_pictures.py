"""The live pictures of the panel that tunes segments: made once, changed with every answer, each told in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cjmlab.explore.words import word
from cjmlab.maps.colour import GOLD, INK, MUTED, SCALE, segment_colour
from cjmlab.maps.metrics import font_stack
from cjmlab.maps.text_safety import plotly_text
from cjmlab.segments import Segmentation
from cjmlab.segments.naming import level_label
from cjmlab.vocabulary.figures import write_number, write_percent

NAMES = ("sizes", "profile", "stability", "silhouette", "plane")
MOST_TRAITS = 24
WIDEST_EFFECT = 1.5
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star", "x", "hexagon")


class Pictures:
    """Five figure widgets, and a sentence for each that says the same in words.

    Parameters
    ----------
    language : str
        Code of one of the four languages.
    """

    def __init__(self, language: str) -> None:
        import plotly.graph_objects as go

        self._language = language
        self.figures: dict[str, Any] = {name: go.FigureWidget(layout=self._layout(name)) for name in NAMES}
        self.told: dict[str, str] = dict.fromkeys(NAMES, "")
        interval = {"type": "data", "symmetric": False, "array": [], "arrayminus": [], "color": INK}
        self.figures["sizes"].add_bar(error_y=interval, hoverinfo="x+y")
        low, high = -WIDEST_EFFECT, WIDEST_EFFECT
        scale = [[(place + 1) / 2, colour] for place, colour in SCALE]
        self.figures["profile"].add_heatmap(
            zmin=low, zmax=high, colorscale=scale, texttemplate="%{text}", xgap=2, ygap=2, hoverinfo="x+y+text"
        )
        self.figures["stability"].add_bar(hoverinfo="x+y")
        for cut in (0.6, 0.75, 0.85):
            self.figures["stability"].add_hline(cut, line={"color": MUTED, "dash": "dot", "width": 1})
        self.figures["silhouette"].add_scatter(mode="lines+markers", line={"color": MUTED}, hoverinfo="x+y")
        self.figures["plane"].add_scatter(mode="markers", hoverinfo="text")

    def _word(self, name: str, **fill: object) -> str:
        return word(name, self._language, book="tuner", **fill)

    def _number(self, value: float, digits: int = 0) -> str:
        return write_number(value, digits, language=self._language)

    def _layout(self, name: str) -> dict[str, Any]:
        titles = {
            "sizes": ("", self._word("sizes_axis")), "profile": (self._word("profile_axis"), ""),
            "stability": ("", self._word("stability_axis")), "silhouette": ("k", self._word("silhouette_axis")),
            "plane": (self._word("component", number=1), self._word("component", number=2)),
        }  # fmt: skip
        axis = {"automargin": True, "zeroline": False, "gridcolor": "#E6EAEE"}
        x, y = titles[name]
        return {
            "height": 620 if name == "profile" else 380, "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
            "font": {"family": font_stack(self._language), "size": 13, "color": INK}, "plot_bgcolor": "white",
            "showlegend": False, "xaxis": {**axis, "title": {"text": x}}, "yaxis": {**axis, "title": {"text": y}},
        }  # fmt: skip

    def clear(self) -> None:
        """Empty every picture."""
        for figure in self.figures.values():
            with figure.batch_update():
                figure.data[0].x, figure.data[0].y = [], []
                figure.layout.annotations = ()
        self.figures["profile"].data[0].z = []
        self.told = dict.fromkeys(NAMES, "")

    def show(self, segments: Segmentation) -> None:
        """Change every picture to a segmentation."""
        shown = {name: label.text(self._language) for name, label in segments.labels.items()}
        self._sizes(segments, shown)
        self._profile(segments, shown)
        self._stability(segments, shown)
        self._silhouette(segments)
        self._plane(segments, shown)

    def _sizes(self, segments: Segmentation, shown: dict[str, str]) -> None:
        table = segments.summary
        figure = self.figures["sizes"]
        with figure.batch_update():
            bars = figure.data[0]
            bars.x, bars.y = [plotly_text(shown[name]) for name in table["segment"]], table["share"].tolist()
            bars.error_y.array = (table["high"] - table["share"]).tolist()
            bars.error_y.arrayminus = (table["share"] - table["low"]).tolist()
            bars.marker.color = [segment_colour(place) for place in range(len(table))]
            figure.layout.yaxis.tickformat = ".0%"
        self.told["sizes"] = "; ".join(
            f"{shown[row['segment']]}: n {self._number(row['n'])}, {write_percent(row['share'], language=self._language)} "
            f"({100 * row['low']:.0f}–{100 * row['high']:.0f})"
            for row in table.to_dict("records")
        )

    def _profile(self, segments: Segmentation, shown: dict[str, str]) -> None:
        profile = segments.profile()
        trait = [
            self._trait(segments, str(c), str(v)) for c, v in zip(profile["column"], profile["level"], strict=True)
        ]
        effects = profile.assign(trait=trait).pivot_table(index="trait", columns="segment", values="effect", sort=False)
        effects = effects.reindex(columns=list(segments.names))
        strongest = effects.abs().max(axis=1).sort_values(ascending=False, kind="stable").index[:MOST_TRAITS]
        effects = effects.loc[strongest[::-1]]
        figure = self.figures["profile"]
        with figure.batch_update():
            cells = figure.data[0]
            cells.x, cells.y = (
                [plotly_text(shown[name]) for name in effects.columns],
                list(map(plotly_text, effects.index)),
            )
            cells.z = np.clip(effects.fillna(0.0).to_numpy(), -WIDEST_EFFECT, WIDEST_EFFECT).tolist()
            cells.text = [[f"{value:+.1f}" for value in row] for row in effects.fillna(0.0).to_numpy()]
        told = []
        for name in effects.columns:
            top = effects[name].sort_values(ascending=False)[:3]
            traits = ", ".join(f"{each} {value:+.1f}" for each, value in top.items())
            told.append(self._word("told_profile", segment=shown[name], traits=traits))
        self.told["profile"] = "; ".join(told)

    def _trait(self, segments: Segmentation, column: str, level: str) -> str:
        """Return the name of a column and level, in the panel's language where the study declares it."""
        declared = segments.roles.labels.get(column)
        name = declared.text(self._language) if declared else column
        value = level_label(column, level, segments.roles) if level else None
        return f"{name} = {value.text(self._language) if value else level}" if level else name

    def _stability(self, segments: Segmentation, shown: dict[str, str]) -> None:
        table = segments.stability
        known = table if "jaccard" in table else pd.DataFrame({"segment": [], "jaccard": [], "word": []})
        figure = self.figures["stability"]
        with figure.batch_update():
            bars = figure.data[0]
            bars.x, bars.y = [plotly_text(shown[name]) for name in known["segment"]], known["jaccard"].tolist()
            bars.marker.color = [segment_colour(place) for place in range(len(known))]
            figure.layout.yaxis.range = [0, 1]
        self.told["stability"] = "; ".join(
            self._word("told_stability", segment=shown[row["segment"]], jaccard=self._number(row["jaccard"], 2),
                       word=self._word(str(row["word"]).replace(" ", "_")))
            for row in known.to_dict("records")
        ) or self._word("no_stability")  # fmt: skip

    def _silhouette(self, segments: Segmentation) -> None:
        table = segments.count.table
        empty = pd.DataFrame({"n_segments": [], "silhouette": []})
        known = table.dropna(subset=["silhouette"]) if "silhouette" in table else empty
        figure = self.figures["silhouette"]
        with figure.batch_update():
            line = figure.data[0]
            line.x, line.y = known["n_segments"].tolist(), known["silhouette"].tolist()
            here = (known["n_segments"] == segments.n_segments).to_numpy()
            line.marker.color = np.where(here, GOLD, MUTED).tolist()
            line.marker.size = np.where(here, 14, 8).tolist()
            figure.layout.xaxis.dtick = 1
        self.told["silhouette"] = "; ".join(
            self._word("told_number", k=int(row["n_segments"]), value=self._number(row["silhouette"], 2))
            for row in known.to_dict("records")
        )

    def _plane(self, segments: Segmentation, shown: dict[str, str]) -> None:
        table = segments.plane()
        place = table["segment"].map({name: i for i, name in enumerate(segments.names)}).to_numpy()
        figure = self.figures["plane"]
        centres = pd.DataFrame(table).groupby("segment")[["x", "y"]].mean()
        with figure.batch_update():
            points = figure.data[0]
            points.x, points.y = table["x"].tolist(), table["y"].tolist()
            points.text = [plotly_text(shown[name]) for name in table["segment"]]
            points.marker.color = [segment_colour(int(i)) for i in place]
            points.marker.symbol = [SYMBOLS[i % len(SYMBOLS)] for i in place]
            points.marker.opacity = 0.65
            figure.layout.annotations = [
                {"x": row.x, "y": row.y, "text": plotly_text(shown[str(name)]), "showarrow": False,
                 "bgcolor": "rgba(255,255,255,.8)"}
                for name, row in centres.iterrows()
            ]  # fmt: skip
        self.told["plane"] = self._word("told_plane", shown=self._number(len(table)), all=self._number(len(segments.assigned)),
                                        share=f"{100 * getattr(table, 'about', 0.0):.0f}")  # fmt: skip
