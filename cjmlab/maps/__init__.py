"""What we see: the journey map and the other pictures of journeys, drawn by Plotly alone."""

from cjmlab.maps.canvas import MAP_CONFIG
from cjmlab.maps.journey_map import NARROW, journey_map, map_spec
from cjmlab.maps.text_safety import plotly_text

__all__ = ["MAP_CONFIG", "NARROW", "journey_map", "map_spec", "plotly_text"]
