"""What was chosen for each language, on splits of the training files alone."""

from cjmlab.feedback.scorers.features import FeaturePlan
from cjmlab.feedback.training.fitting import Recipe

RECIPES = {
    "en": Recipe("en", FeaturePlan(letters=(2, 3, 4, 5), words=(1, 2), bits=18)),
    "zh": Recipe("zh", FeaturePlan(letters=(1, 2, 3, 4), words=(), bits=18), head="gate"),
    "ru": Recipe("ru", FeaturePlan(letters=(2, 3, 4, 5), words=(1, 2), bits=18)),
}
