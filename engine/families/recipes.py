"""What families see of a table before a candidate chooses: for trees, and for models that need scaled numbers."""

from engine.features.step import StepSpec

_MARKS = StepSpec("text_marks")
_STATISTICS = StepSpec("target_statistics")
_FOR_ALL_TREES = (StepSpec("yes_no"), StepSpec("dates"), StepSpec("date_parts"), StepSpec("text_topics"), _MARKS)
_FOR_ALL_SCALED = (
    StepSpec("category_one_hot", {"min_count": 10}),
    StepSpec("yes_no"),
    StepSpec("dates_scaled"),
    StepSpec("date_parts"),
    StepSpec("text_terms"),
    _MARKS,
    _STATISTICS,
)

FOR_TREES = (
    StepSpec("numbers"),
    StepSpec("category_codes", {"min_count": 5}),
    *_FOR_ALL_TREES,
    _STATISTICS,
)
# CatBoost makes statistics of levels itself, and of every one of them.
FOR_CATBOOST = (StepSpec("numbers"), StepSpec("category_codes", {"min_count": 1}), *_FOR_ALL_TREES)
SCALED = (StepSpec("numbers_scaled"), *_FOR_ALL_SCALED)
# Bins let a straight line bend.
SCALED_IN_BINS = (StepSpec("number_bins"), *_FOR_ALL_SCALED)
