"""Errors that bend with a column are found and told on their side; where they do not, that is said."""

import numpy as np
import pytest

from engine.insight.quality.groups import groups_of
from engine.insight.quality.leaning import Leaning, find_bends, welch
from tests.judged_rows import rows_of

N = 1_200


def looked(columns: dict[str, np.ndarray], errors: np.ndarray) -> Leaning:
    return find_bends(groups_of(*rows_of(columns)), errors)


def world(seed: int) -> tuple[np.random.Generator, dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    town = random.choice(["Ulm", "Bonn", "Kiel"], N).astype(object)
    return random, {"age": random.uniform(0, 80, N), "size": random.normal(size=N), "town": town}


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_bend_is_found_first_and_told_on_both_sides(seed: int) -> None:
    random, columns = world(seed)
    age = np.asarray(columns["age"])
    errors = random.standard_t(4, N) + np.where(age > 70, 1.5, 0) - np.where(age < 10, 1.0, 0)
    found = looked(columns, errors)
    assert [bend.column for bend in found.columns if bend.said] == ["age"]
    assert found.columns[0].column == "age"
    assert [message.code for message in found.said] == ["quality_leans_high", "quality_leans_low"]
    high, low = found.said
    assert float(str(high.parameters["value"]).split()[0]) > 65
    assert float(str(low.parameters["value"]).split()[0]) < 1
    biases = [each.bias.value for each in found.columns[0].bins]
    assert biases[-1] == max(biases) > 1
    turned = looked(columns, -errors)
    assert turned.said[0].parameters["value"] == low.parameters["value"]
    assert turned.said[1].parameters["value"] == high.parameters["value"]


def test_in_noise_nothing_bends_and_that_is_said() -> None:
    named = 0
    for seed in range(40):
        random, columns = world(seed)
        found = looked(columns, random.standard_t(3, N))
        named += found.said[0].code != "quality_leans_nowhere"
        assert found.n_looked_at == 3
    assert named <= 2


def test_a_bend_that_is_sure_but_a_trifle_is_not_told() -> None:
    random, columns = world(1)
    step = np.where(np.asarray(columns["age"]) > 70, 0.05, 0.0)
    found = looked(columns, random.choice([-1.0, 1.0], N) * 1.0 + step)
    assert found.said[0].code == "quality_leans_nowhere"
    sure = looked(columns, 0.001 * random.normal(size=N) + 0.05 * np.sign(random.normal(size=N)) + step)
    assert {message.code for message in sure.said} >= {"quality_leans_high"}


def test_rows_without_a_value_and_levels_are_told_by_their_names() -> None:
    random, columns = world(2)
    town = columns["town"].copy()
    town[::4] = None
    lost, bonn = town == None, town == "Bonn"  # noqa: E711 - of an array
    errors = random.normal(size=N) + 2.0 * lost - 2.0 * bonn
    said = looked({**columns, "town": town}, errors).said
    assert [message.code for message in said] == ["quality_leans_high_without", "quality_leans_low"]
    assert "Bonn" in str(said[1].parameters["value"])
    turned = looked({**columns, "town": town}, -errors).said
    assert [message.code for message in turned] == ["quality_leans_high", "quality_leans_low_without"]


def test_few_rows_say_nothing_and_equal_errors_are_no_bend() -> None:
    assert find_bends(groups_of(*rows_of({"a": np.arange(20.0)})), np.zeros(20)).said[0].code == "quality_leans_unknown"
    _random, columns = world(0)
    assert looked(columns, np.zeros(N)).said[0].code == "quality_leans_nowhere"


def test_the_test_is_welchs() -> None:
    from scipy.stats import ttest_ind

    random = np.random.default_rng(1)
    first, second = random.normal(size=40), random.normal(0.4, 3, size=90)
    assert welch([first, second]) == pytest.approx(ttest_ind(first, second, equal_var=False).pvalue)


def test_predictions_that_are_too_low_nearly_everywhere_are_said_to_be_so_first() -> None:
    random, columns = world(2)
    noise = random.standard_t(4, N)
    low, high = looked(columns, noise - 0.8), looked(columns, noise + 0.8)
    assert [low.said[0].code, high.said[0].code] == ["quality_leans_all_low", "quality_leans_all_high"]
    assert float(str(low.said[0].parameters["n"])) == pytest.approx(0.8, abs=0.15)
    assert looked(columns, noise - noise.mean()).said[0].code == "quality_leans_nowhere"
    assert find_bends(iter(()), noise - 0.8).said[0].code == "quality_leans_all_low"
