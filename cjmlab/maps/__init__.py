"""What we see: the journey map and the other pictures of journeys, drawn by Plotly alone."""

from cjmlab.maps.canvas import MAP_CONFIG
from cjmlab.maps.compare import compare_maps, compare_spec
from cjmlab.maps.flow import flow_spec, journey_flow
from cjmlab.maps.heatmap import heatmap_spec, touchpoint_heatmap
from cjmlab.maps.journey_map import NARROW, journey_map, map_spec
from cjmlab.maps.text_form import map_text
from cjmlab.maps.text_safety import plotly_text
from cjmlab.maps.twin import map_table
from cjmlab.maps.waves import wave_map, wave_spec

__all__ = [
    "MAP_CONFIG",
    "NARROW",
    "compare_maps",
    "compare_spec",
    "flow_spec",
    "heatmap_spec",
    "journey_flow",
    "journey_map",
    "map_spec",
    "map_table",
    "map_text",
    "plotly_text",
    "touchpoint_heatmap",
    "wave_map",
    "wave_spec",
]
