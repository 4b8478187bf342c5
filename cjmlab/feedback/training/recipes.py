"""What was chosen for each language, on splits of the training files alone; and the terms of each source."""

from cjmlab.feedback.scorers.features import FeaturePlan
from cjmlab.feedback.training.fitting import Recipe

RECIPES = {
    "en": Recipe("en", FeaturePlan(letters=(2, 3, 4, 5), words=(1, 2), bits=18)),
    "zh": Recipe("zh", FeaturePlan(letters=(1, 2, 3, 4), words=(), bits=18), head="gate", strength=4.0),
    "ru": Recipe("ru", FeaturePlan(letters=(2, 3, 4, 5), words=(1, 2), bits=18)),
}

TERMS = {
    "hutto": "VADER's evaluation sets, MIT",
    "mabsa": "M-ABSA (Russian and Chinese are translations), no terms stated where it was seen",
    "mams_atsa": "MAMS, Apache-2.0",
    "mams_acsa": "MAMS, Apache-2.0",
    "semeval14": "SemEval-2014 task 4, no terms stated where it was seen",
    "semeval14term": "SemEval-2014 task 4, no terms stated where it was seen",
    "semeval16ru": "SemEval-2016 task 5, no terms stated where it was seen",
    "semeval16ruterm": "SemEval-2016 task 5, no terms stated where it was seen",
    "sst2": "SST-2, no terms stated where it was seen",
    "uci_amazon": "UCI sentiment labelled sentences, CC BY 4.0",
    "uci_imdb": "UCI sentiment labelled sentences, CC BY 4.0",
    "romip2012": "ROMIP-2012 news, no terms stated where it was seen",
    "sentirueval15": "SentiRuEval-2015 telecom, no terms stated where it was seen",
    "chnsenticorp_htl": "ChineseNlpCorpus, no terms stated where it was seen",
    "online_shopping": "ChineseNlpCorpus, no terms stated where it was seen",
    "zhabsa": "ABSADatasets, MIT",
    "zhabsaterm": "ABSADatasets, MIT",
    "spoken": "written for cjmlab, Apache-2.0",
    "written": "written for cjmlab, Apache-2.0",
    "zhang": "Zhang restaurant reviews, no terms stated where it was seen",
}
