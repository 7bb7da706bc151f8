"""Questions that people ask of tables and this version does not answer: what they are called, and what can be done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.errors import ConfigError, TargetError
from engine.messages import Phrase, phrase
from engine.tasks.task import TaskKind

CLUSTERING = phrase(
    "asked_clustering",
    "Finding groups of similar rows without a target (clustering) is not a question that this version answers.",
    "Name a column whose value you want to know, and it can be predicted from the others.",
)
RANKING = phrase(
    "asked_ranking",
    "Sorting the rows of each group against each other (ranking) is not a question that this version answers.",
    "Predict the grade or the click of each row, give the column of the groups the role group, and sort by the "
    "prediction.",
)
FORECASTING = phrase(
    "asked_forecasting",
    "Continuing a series into the future (forecasting) is not a question that this version answers.",
    "Predict the value of a row from columns that are known beforehand, such as earlier values, and give the date the "
    "role time: the model is then tested on the latest rows.",
)
SEVERAL_TARGETS = phrase(
    "asked_several_targets",
    "Predicting several targets at once is not a question that this version answers.",
    "Name one target and leave the others out; train once for each of them.",
)
SEVERAL_NAMED = phrase(
    "asked_these_targets",
    "{n} targets were named ({targets}), and one model of this version predicts one.",
    "Name one of them and leave the others out; train once for each of them.",
)
ANOMALIES = phrase(
    "asked_anomalies",
    "Finding unusual rows without examples of them (anomaly detection) is not a question that this version answers.",
    "With a column that says of some rows whether they are unusual, predict that column.",
)
SURVIVAL = phrase(
    "asked_survival",
    "How long it takes until something happens (survival analysis) is not a question that this version answers.",
    "Predict whether it happens within a certain time: add a column that says so.",
)
RECOMMENDING = phrase(
    "asked_recommending",
    "Recommending things to people is not a question that this version answers.",
    "With one row for each person and thing, predict whether the person chose the thing.",
)
EFFECTS = phrase(
    "asked_effects",
    "What an action would change (uplift, causal effects) is not a question that this version answers.",
    "Predict the outcome from what is known before; what goes together with it is shown, not what causes it.",
)
CLASSES = phrase(
    "asked_classification",
    "Classification is two tasks here: binary for a question with two answers, multiclass for one with several.",
    "Give one of them, or none: it is found out.",
)
UNKNOWN_TASK = phrase(
    "asked_unknown_task",
    "There is no task called {word}.",
    "Choose binary (one of two answers), multiclass (one of several) or regression (a number), or none: it is found "
    "out.",
)


@dataclass(frozen=True, kw_only=True)
class OtherQuestion:
    """A question that is not answered. `words`: what people call it. `refusal`: why not, and what can be done."""

    words: frozenset[str]
    refusal: Phrase


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OTHER_QUESTIONS = (
    OtherQuestion(
        words=_words("clustering cluster clusters segmentation segments unsupervised grouping kmeans 聚类 分群"),
        refusal=CLUSTERING,
    ),
    OtherQuestion(words=_words("ranking rank ltr learning-to-rank learn-to-rank lambdarank 排序"), refusal=RANKING),
    OtherQuestion(
        words=_words("forecasting forecast forecasts time-series timeseries ts series sequence 时间序列 预报"),
        refusal=FORECASTING,
    ),
    OtherQuestion(
        words=_words(
            "multi-output multioutput multi-target multitarget multi-label multilabel several-targets multitask"
        ),
        refusal=SEVERAL_TARGETS,
    ),
    OtherQuestion(
        words=_words(
            "anomaly anomalies anomaly-detection outlier outliers outlier-detection novelty one-class 异常检测"
        ),
        refusal=ANOMALIES,
    ),
    OtherQuestion(words=_words("survival survival-analysis time-to-event hazard cox 生存分析"), refusal=SURVIVAL),
    OtherQuestion(words=_words("recommendation recommendations recommender recommending 推荐"), refusal=RECOMMENDING),
    OtherQuestion(words=_words("uplift causal causality treatment-effect 因果"), refusal=EFFECTS),
    OtherQuestion(words=_words("classification classify classifier classes 分类"), refusal=CLASSES),
)
_OTHER_WORDS = {
    TaskKind.BINARY: _words("binary two two-class yes/no yes-no boolean binary-classification logistic 二分类"),
    TaskKind.MULTICLASS: _words("multiclass multi-class several multinomial multiclass-classification 多分类"),
    TaskKind.REGRESSION: _words("regression number numeric regress 回归"),
}


def task_named(word: str) -> TaskKind:
    """Return the task that a person means.

    Raises ConfigError, saying what can be done instead, for a question that is not answered, and for unknown words.

    >>> str(task_named("Multi-Class"))
    'multiclass'
    """
    simple = "-".join(word.strip().lower().replace("_", " ").replace("-", " ").split())
    for kind, words in _OTHER_WORDS.items():
        if simple in words:
            return kind
    for question in OTHER_QUESTIONS:
        if simple in question.words:
            raise ConfigError(question.refusal())
    raise ConfigError(UNKNOWN_TASK(word=word))


def one_target(given: Sequence[str], names: Collection[str]) -> str | None:
    """Return the one target that a person named; `names`: the columns that exist.

    Raises TargetError when several are named, also in one text with commas between them.
    """
    targets = list(dict.fromkeys(given))
    if len(targets) == 1 and targets[0] not in names:
        inside = [part.strip() for part in targets[0].replace(";", ",").split(",")]
        targets = inside if len(inside) > 1 and any(part in names for part in inside) else targets
    if len(targets) > 1:
        raise TargetError(SEVERAL_NAMED(n=len(targets), targets=", ".join(targets)))
    return targets[0] if targets else None
