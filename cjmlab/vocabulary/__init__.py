"""What the words mean: labels in four languages, stages, touchpoints and the codebook."""

from cjmlab.vocabulary.codebook import LANES, Code, Codebook, codebook, shipped_codebook
from cjmlab.vocabulary.labels import LANGUAGES, Label, language_code
from cjmlab.vocabulary.stages import (
    Loop,
    Stage,
    StageModel,
    crosswalk,
    list_stage_models,
    slug,
    stage_model,
)
from cjmlab.vocabulary.touchpoints import DIMENSIONS, Touchpoint, list_touchpoints, touchpoints

__all__ = [
    "DIMENSIONS",
    "LANES",
    "LANGUAGES",
    "Code",
    "Codebook",
    "Label",
    "Loop",
    "Stage",
    "StageModel",
    "Touchpoint",
    "codebook",
    "crosswalk",
    "language_code",
    "list_stage_models",
    "list_touchpoints",
    "shipped_codebook",
    "slug",
    "stage_model",
    "touchpoints",
]
