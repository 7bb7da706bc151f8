"""Records how the configurations do on tables: what the order of starting points is learnt from.

python -m benchmarks.portfolio.record FOLDER INDEX --cache CACHE [--rows 4000]

FOLDER holds the tables; INDEX is a JSON list of `{"name", "target", "task"}`, with `"file"` where it is not
`<name>.csv`. CACHE, outside of the project, takes `records.jsonl` (a line for each table and configuration) and the
out-of-fold predictions, from which `learn.py` simulates blends. What is there already is not made again.
"""

import argparse
from pathlib import Path

MOST_ROWS = 4_000


def main() -> None:
    """Record until everything is there."""
    # Here and not above: the process of every candidate imports this file again.
    from benchmarks.portfolio.recording import record

    options = _options()
    record(options.folder, options.index, options.cache, options.rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=MOST_ROWS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
