"""Trains on a made-up table of few rows and 2,000 columns, as of genes, with little time.

    python benchmarks/wide_table.py [--rows 200] [--columns 2000] [--seconds 20]

Prints when the model was ready, what it is made of, and how good it is on the rows set aside.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd


def made_up(n_rows: int, n_columns: int) -> pd.DataFrame:
    """Return numbers, of which two settle most of a question with two answers.

    >>> made_up(60, 5).shape
    (60, 6)
    """
    random = np.random.default_rng(11)
    numbers = random.normal(size=(n_rows, n_columns)).round(4)
    table = pd.DataFrame(numbers, columns=[f"g{place}" for place in range(n_columns)])
    told = numbers[:, 3] - numbers[:, -1] + 0.5 * random.normal(size=n_rows)
    return table.assign(y=np.where(told > 0, "case", "control"))


def main() -> None:
    """Write the table, train on it, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--columns", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        made_up(asked.rows, asked.columns).to_csv(place / "wide.csv", index=False)
        words = ["train", str(place / "wide.csv"), "--target", "y", "--seconds", str(asked.seconds), "--json"]
        command = [sys.executable, "-m", "app.cli", *words, "--workspace", str(place / "workspace")]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(ended.stdout)
    members = ", ".join(f"{each['weight']:.2f} {each['family']}" for each in said["blend"])
    auc = said["holdout"]["auc"]["value"]
    print(f"ready after {said['seconds']['model_ready']:.1f} s of {asked.seconds:g}; {members}; AUC {auc:.3f}")


if __name__ == "__main__":
    main()
