"""Puts a training script together: only the functions that its members need, each as it stands in `script_parts`."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PARTS = Path(__file__).parent / "script_parts"
FILES = ("table", "features", "models", "main")
IMPORTS = {
    "json": "import json",
    "sys": "import sys",
    "warnings": "import warnings",
    "Counter": "from collections import Counter",
    "Callable, Sequence": "from collections.abc import Callable, Sequence",
    "combinations, pairwise": "from itertools import combinations, pairwise",
    "Path": "from pathlib import Path",
    "Any": "from typing import Any",
    "np": "\nimport numpy as np",
    "pd": "import pandas as pd",
    "NDArray": "from numpy.typing import NDArray",
    "as_text, canonical": "from reading import as_text, canonical",
}


def assembled(head: str, facts: Sequence[str], members: Sequence[Mapping[str, Any]]) -> str:
    """Return the script: what it says of itself, imports, facts, functions, members, and the call at the end."""
    pieces = {name: piece for file in FILES for name, piece in _pieces(PARTS / f"{file}.py").items()}
    roots = {"main", *(f"{each['family']}_scores" for each in members)}
    roots |= {key for each in members for key, _ in each["features"]}
    needed = _reached(pieces, roots)
    code = [piece for name, (piece, _) in pieces.items() if name in needed]
    names = {used for name in needed for used in pieces[name][1]} | {"json", "Path", *needed}
    imports = [made for listed, line in IMPORTS.items() if (made := _importing(line, listed.split(", "), names))]
    aliases = [piece for piece in code if not piece.startswith("def ")]
    functions = [piece for piece in code if piece.startswith("def ")]
    first, last = functions[:-1], functions[-1]
    blocks = [
        f'"""{head}"""',
        "\n".join(imports),
        "\n".join([*facts, *dict.fromkeys(aliases)]),
        *first,
        _listed(members),
        last,
        'if __name__ == "__main__":\n    main()',
    ]
    return "\n\n\n".join(blocks) + "\n"


def _importing(line: str, listed: Sequence[str], names: set[str]) -> str:
    """Return an import of those that are used; empty where none is."""
    used = [name for name in listed if name in names]
    return line if len(used) == len(listed) else line.replace(", ".join(listed), ", ".join(used)) if used else ""


def _pieces(path: Path) -> dict[str, tuple[str, set[str]]]:
    """Return the source of each function and alias of a file, and the names that it mentions."""
    text = path.read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(text).body:
        mentioned = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        source = ast.get_source_segment(text, node) or ""
        if isinstance(node, ast.FunctionDef):
            found[node.name] = (source, mentioned)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = (source, mentioned)
    return found


def _reached(pieces: Mapping[str, tuple[str, set[str]]], roots: set[str]) -> set[str]:
    reached: set[str] = set()
    waiting = roots & pieces.keys()
    while waiting:
        reached |= waiting
        waiting = {name for each in waiting for name in pieces[each][1] & pieces.keys()} - reached
    return reached


def _listed(members: Sequence[Mapping[str, Any]]) -> str:
    """Return the members as code; functions are named, everything else is plain values."""
    lines = ["MEMBERS: list[dict[str, Any]] = ["]
    for each in members:
        lines += ["    {", f'        "scores": {each["family"]}_scores,']
        lines += [f'        "{key}": {each[key]!r},' for key in ("weight", "n_models", "rounds", "target")]
        lines.append('        "parameters": {')
        lines += [f"            {name!r}: {value!r}," for name, value in each["parameters"].items()]
        lines.append("        },")
        lines.append('        "features": [')
        lines += [f"            ({key}, {options!r})," for key, options in each["features"]]
        lines += ["        ],", "    },"]
    return "\n".join([*lines, "]"])
