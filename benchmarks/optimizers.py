"""Compares the optimizers of the neural network, everything else being equal.

    python -m benchmarks.optimizers FOLDER INDEX.json [--tables NAME,NAME]

Prints the error on held-out rows relative to Adam's: 1 is the same, below 1 is better.
"""

import argparse
import json
from pathlib import Path

from benchmarks.rejected import World
from engine.families.network import DEFAULT, NETWORK
from engine.network.optimizer import OPTIMIZERS

TABLES = "puma32H,phoneme,satimage,concrete,vehicle,credit_g,insurance,wine_quality_white"
FIRST = "adam"


def main() -> None:
    """Measure table by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", default=TABLES)
    options = parser.parse_args()
    index = {entry["name"]: entry for entry in json.loads(options.index.read_text(encoding="utf-8"))}
    for name in options.tables.split(","):
        world = World.read(options.folder / f"{name}.csv", index[name], 0)
        errors = {
            key: world.error(world.scores(NETWORK, {**DEFAULT, "optimizer": key})[1])
            for key in sorted(OPTIMIZERS, key=FIRST.__ne__)
        }
        ratios = "  ".join(f"{key} {error / errors[FIRST]:.4f}" for key, error in errors.items())
        print(f"{name:20} {ratios}", flush=True)


if __name__ == "__main__":
    main()
