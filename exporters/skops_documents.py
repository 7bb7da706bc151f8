"""The page that lies beside a skops file."""

from collections.abc import Sequence

from exporters.exporter import Source


def readme(source: Source, trusted: Sequence[str], requirements: Sequence[str]) -> str:
    """Return the page for who loads the file, in Markdown. `trusted`: the types that it needs to be allowed."""
    task, proof = source.prepared.task, source.ready.certificate
    scores = source.ready.validation if source.ready.holdout is None else source.ready.holdout
    score = scores.get(source.prepared.metric)
    where = "out-of-fold predictions" if source.ready.holdout is None else "the hold-out"
    told = [] if score is None else [f"Its {source.prepared.metric} on {where} was {score.value:.5g}.", ""]
    lines = [
        f"# {source.name}",
        "",
        f"A scikit-learn pipeline that predicts `{task.target}`. It holds the certified ONNX file and gives its",
        "answers.",
        *told,
        "```",
        f"pip install {' '.join(requirements)}",
        "```",
        "",
        "Load it with this list of types, where Python finds `tablewright_sklearn.py`, such as from this folder. Every",
        "other type is refused by skops itself: a file that asks for more was not made by Tablewright.",
        "",
        "```python",
        "import pandas as pd",
        "from skops.io import load",
        "",
        "TRUSTED = [",
        *(f'    "{each}",' for each in trusted),
        "]",
        'model = load("model.skops", trusted=TRUSTED)',
        "",
        'rows = pd.read_csv("new.csv")',
        "print(model.predict(rows))",
        *(["print(model.classes_, model.predict_proba(rows))"] if task.classes else []),
        "```",
        "",
        "With rows whose answer is known it goes into scikit-learn's tools:",
        "",
        "```python",
        "from sklearn.inspection import permutation_importance",
        "",
        "def importance(rows: pd.DataFrame, answers: pd.Series) -> pd.Series:",
        "    found = permutation_importance(model, rows, answers, n_repeats=5, random_state=0)",
        "    return pd.Series(found.importances_mean, index=rows.columns).sort_values(ascending=False)",
        "```",
        "",
        "- It takes raw cells, as numbers or as texts, missing or never seen: `read`, the first step, makes them",
        "  canonical by rules that the file carries. Columns may stand in any order, and others beside them; an array",
        "  has those of `feature_names_in_`, in that order. Cells that cannot be read count as missing, and a warning",
        "  counts them.",
        *_classes(task.classes),
        "- It is trained: `fit` refuses, so that nobody takes a cross-validation of it for a score on unseen rows.",
        "  Tools that must fit what they get take `sklearn.frozen.FrozenEstimator(model)`.",
        '- `model["model"].model` is the ONNX file, byte by byte; its SHA-256 is',
        f"  `{proof.sha256}`.",
        f"  It was compared with the libraries that trained it on {proof.rows_checked} rows; the largest difference",
        f"  was {proof.max_abs_diff:.1e}.",
        "- No row of the training table is inside. Names of columns and categories are, and thresholds of numbers.",
        "",
    ]
    return "\n".join(lines)


def _classes(classes: Sequence[str | int]) -> list[str]:
    if not classes:
        return []
    shown = ", ".join(f"`{each!r}`" for each in classes)
    return [
        f"- The classes are {shown}; `classes_` and the columns of `predict_proba` are sorted.",
        "  `predict` gives the answers of the file, which follow the costs of mistakes where some were given.",
    ]
