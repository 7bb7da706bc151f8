"""Asks what pays where an answer is rare, on thousands of rows that nobody has seen, so that their luck plays no part.

    python -m benchmarks.rare_answers FOLDER INDEX.json [--tables NAME,NAME] [--seeds 0,1] [--seconds 180] [--rows 8000]

From tables with many rows some are drawn to learn from, one in forty of which has the answer that is looked for: the
rarest class, or the largest tenth of numbers. The AUC of all others tells, to a percent of its error,

- whether late candidates should have to be clearly better: the blend of all candidates, and that of the first ones,
  over the one by the rule;
- in which form members should enter the file: fitted three times on all rows, or both in equal parts, over the models
  of their folds.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import exp, log
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.kept_search import KeptSearch, arguments, index_of, searched
from benchmarks.late_candidates import by_rule, of_all
from benchmarks.versus.splits import REGRESSION, read_cells
from engine.blend.choice import Choice
from engine.config import ExperimentConfig
from engine.features.pipeline import transform
from engine.run.electing import stages_of
from engine.run.finish import SEEDS_APART
from engine.search.data import RowSet
from engine.search.fitting import run_refit
from engine.search.order import Order
from engine.search.settings import SearchSettings
from engine.table.dataset import Dataset
from engine.table.reading import read_table

TABLES = "adult,electricity,satimage,bike_sharing_hour"
RARE = 40  # one row in so many has the answer that is looked for
ANSWER, YES = "answer", "yes"
N_REFITS = 3
MOST_UNSEEN = 8_000  # of each answer
ALL_TIME = SearchSettings(use_all_time=True)


def main() -> None:
    """Measure search by search, then say what they come to."""
    parser = arguments(__doc__, TABLES)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--rows", type=int, default=8_000)
    options = parser.parse_args()
    index, logs = index_of(options), dict[str, list[float]]()
    for name in options.tables.split(","):
        asked = with_answer(options.folder / index[name].get("file", f"{name}.csv"), index[name])
        for seed in map(int, options.seeds.split(",")):
            learnt, unseen = divided(asked, min(options.rows, len(asked.frame) // 2), seed)
            config = ExperimentConfig(target=ANSWER, holdout=0.0, seed=seed, seconds=options.seconds, search=ALL_TIME)
            with searched(learnt, config) as kept:
                ratios = compared(with_unseen(kept, unseen))
            print(f"{name}, draw {seed}: {told(ratios)}", flush=True)
            for what, ratio in ratios.items():
                logs.setdefault(what, []).append(log(ratio))
    print("all: " + told({what: exp(fmean(each)) for what, each in logs.items()}))


def told(ratios: Mapping[str, float]) -> str:
    """Return ratios in a line."""
    return ", ".join(f"{what} {ratio:.3f}" for what, ratio in ratios.items())


def with_answer(path: Path, entry: Mapping[str, Any]) -> Dataset:
    """Return a table with the rare answer in place of its target."""
    cells, answers = read_cells(path, entry)
    is_number = entry["task"] == REGRESSION
    rare = answers > answers.quantile(0.9) if is_number else answers == answers.value_counts().index[-1]
    with TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        cells.drop(columns=entry["target"]).assign(**{ANSWER: np.where(rare, YES, "no")}).to_csv(made, index=False)
        return read_table(made)


def divided(dataset: Dataset, n_rows: int, seed: int) -> tuple[Dataset, pd.DataFrame]:
    """Return the table to learn from, and the cells of rows that nobody sees."""
    generator = np.random.default_rng(seed)
    rare = (dataset.frame[ANSWER] == YES).to_numpy()
    yes, no = (generator.permutation(np.flatnonzero(each)) for each in (rare, ~rare))
    n_rare = n_rows // RARE
    learnt = generator.permutation(np.r_[yes[:n_rare], no[: n_rows - n_rare]])
    unseen = np.r_[yes[n_rare:][:MOST_UNSEEN], no[n_rows - n_rare :][:MOST_UNSEEN]]
    frame = dataset.frame
    return dataset.with_frame(frame.iloc[learnt].reset_index(drop=True)), frame.iloc[unseen].reset_index(drop=True)


def with_unseen(kept: KeptSearch, cells: pd.DataFrame) -> KeptSearch:
    """Return the search with these rows as those set aside."""
    y = (cells[ANSWER] == YES).to_numpy().astype(np.int64)
    return replace(kept, data=replace(kept.data, holdout=RowSet(source=cells, y=y)))


def compared(kept: KeptSearch) -> dict[str, float]:
    """Return each way's loss on the rows set aside, over that of the way in use."""
    n_all = max(each.number for each in kept.whole)
    chosen = by_rule(kept, n_all)
    rule = kept.unseen_loss(chosen)
    first = min([n_all, *stages_of(n_all, len(kept.data.train.y))])
    folds, refits = kept.unseen_scores(chosen), refitted_scores(kept, chosen)
    return {
        "all candidates": kept.unseen_loss(of_all(kept, n_all)) / rule,
        "the first": kept.unseen_loss(of_all(kept, first)) / rule,
        f"fitted {N_REFITS} times on all rows": kept.loss_of(refits) / rule,
        "both": kept.loss_of((folds + refits) / 2) / rule,
    }


def refitted_scores(kept: KeptSearch, choice: Choice) -> np.ndarray:
    """Return what a blend says of the rows set aside, on the link scale, where its members learnt from all rows."""
    fits = refitted_members(kept, choice, N_REFITS)
    parts = [share * np.mean(each, axis=0) for (_, share), each in zip(choice.members, fits, strict=True)]
    return np.asarray(np.sum(parts, axis=0))


def refitted_members(kept: KeptSearch, choice: Choice, n_refits: int) -> list[list[np.ndarray]]:
    """Return what each member says of them when it has learnt from all rows, once for each of so many seeds."""
    found = []
    for number, _ in choice.members:
        result = kept.results[number]
        order = Order(
            folder=kept.folder,
            number=number,
            family=result.proposal.family,
            parameters=result.proposal.parameters,
            metric=kept.metric.key,
            seed=kept.seed,
            threads=1,
        )
        models = [run_refit(order, result.report.rounds, kept.seed + SEEDS_APART * n) for n in range(n_refits)]
        found.append([model.raw(transform(model.pipeline, kept.data.holdout.frame)) for model in models])
    return found


if __name__ == "__main__":
    main()
