"""What experts choose of the search on the page, and what the page tells of it afterwards."""

from engine.events import Finished, SearchSummarised
from engine.outcomes import Influence
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show

FOUND = (
    Influence(family="lightgbm", parameter="num_leaves", share=0.7, n=24),
    Influence(family="lightgbm", parameter="features.number_pairs", share=0.28, n=24),
    Influence(family="lightgbm", parameter="lambda_l1", share=0.02, n=24),
)


def test_a_training_tells_which_choices_made_the_difference(show: Show, place: Workspace) -> None:
    events = [*made_runs.finished()[:-1], SearchSummarised(seconds=63, influences=FOUND), Finished(seconds=64)]
    page = show("training", run=made_runs.keep(place, events))
    assert "Which choices of the search made the difference" in [each.label for each in page.expander]
    shown = next(each.value for each in page.dataframe if "Setting" in each.value)
    assert list(shown["Setting"]) == ["num leaves", "features: number pairs"]
    assert set(shown["Model family"]) == {"LightGBM"}


def test_where_too_little_was_tried_nothing_is_said(show: Show, place: Workspace) -> None:
    page = show("training", run=made_runs.keep(place, made_runs.finished()))
    assert "Which choices of the search made the difference" not in [each.label for each in page.expander]
