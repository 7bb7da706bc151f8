"""Column names are made unique and non-empty, so that they can be the names of a model's inputs."""

from collections.abc import Iterable

# A model's outputs; an input of the same name would make the graph ambiguous.
RESERVED = frozenset({"prediction", "probabilities", "interval", "possible", "unlike", "contributions"})


def unique_names(originals: Iterable[str]) -> tuple[str, ...]:
    """Return a name for each column: trimmed, `c3` for an empty third one, `x_2` for a second `x`.

    >>> unique_names(["x", "", "x", "prediction"])
    ('x', 'c2', 'x_2', 'prediction_in')
    """
    wanted = [_tidy(original) or f"c{position}" for position, original in enumerate(originals, start=1)]
    taken: set[str] = set()
    made = []
    for name in wanted:
        name = f"{name}_in" if name in RESERVED else name
        chosen, n = name, 1
        # A later column may really be called x_2: it keeps its name.
        while chosen in taken or (n > 1 and chosen in wanted):
            n += 1
            chosen = f"{name}_{n}"
        taken.add(chosen)
        made.append(chosen)
    return tuple(made)


def numbered_names(n_columns: int) -> tuple[str, ...]:
    """Name the columns of a table without a header.

    >>> numbered_names(2)
    ('c1', 'c2')
    """
    return tuple(f"c{position}" for position in range(1, n_columns + 1))


def _tidy(name: str) -> str:
    return " ".join("".join(letter for letter in name if letter.isprintable() or letter.isspace()).split())
