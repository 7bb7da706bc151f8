"""A training script: what won, to be read, changed and run without Tablewright."""

import json
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from pprint import pformat
from typing import Any

from engine.errors import InputError
from engine.events import DataPrepared
from engine.messages import phrase
from engine.model import Model
from engine.outcomes import Estimate, Member
from engine.table.files.suffixes import ARROW, JSON, PACKED, PARQUET, WORKBOOK
from engine.table.schema import Kind, Role
from exporters.exporter import Exporter, Source
from exporters.onnx import MODEL_FILE
from exporters.script_source import assembled
from exporters.script_words import head, is_joined, is_sampled, reading_said, simplifications

NOT_KEPT = phrase(
    "export_script_not_kept",
    "The run {run_id} has not kept how its table was read.",
    "Train again: runs of an older version have not kept it.",
)

READING = Path(__file__).parent / "predictor" / "reading.py"
SCRIPT, COLUMNS, ROWS, REQUIREMENTS = "train.py", "columns.json", "holdout_rows.txt", "requirements.txt"
COLUMN_FACTS = ("name", "original_name", "position", "kind", "role", "cells", "date_formats", "order", "rules")
DIVIDING = frozenset({Role.TIME, Role.GROUP, Role.STRATIFY})
STEPS = frozenset(
    "numbers numbers_scaled number_bins category_codes category_one_hot target_statistics yes_no dates dates_scaled "
    "date_parts text_terms text_topics text_marks".split()
)
"""The feature steps that the script knows."""
STANDS_IN = {"numbers_quantile": "numbers_scaled"}
LIBRARIES = {"lightgbm": ("lightgbm",), "xgboost": ("xgboost-cpu", "xgboost"), "catboost": ("catboost",)}
FORMATS = {**dict.fromkeys(WORKBOOK, "python-calamine"), **dict.fromkeys((*PARQUET, *ARROW), "pyarrow")}
TYPED = frozenset((*WORKBOOK, *PARQUET, *ARROW, *JSON)) - {".geojson", ".arrows"}
"""Names of files that are no plain text, in which the script reads columns."""


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write the script, the reading rules it applies, its columns and what it needs.

    Raises InputError when the run has not kept how its table was read.
    """
    from engine.unseen import TABLE

    try:
        kept = json.loads(source.artifacts.fetch(TABLE).read_text(encoding="utf-8"))
    except FileNotFoundError as gone:
        raise InputError(NOT_KEPT(run_id=source.run_id)) from gone
    kept = _as_joined(kept) if is_joined(source) else kept
    members = [_member(source, member, n_models, of_folds=of_folds) for member, n_models, of_folds in _members(source)]
    rows = _holdout_rows(source, kept)
    texts = {
        SCRIPT: _script(source, kept, members, rows),
        COLUMNS: json.dumps(_columns(source, kept), ensure_ascii=False, indent=1) + "\n",
        "reading.py": READING.read_text(encoding="utf-8"),
        REQUIREMENTS: "".join(f"{line}\n" for line in _requirements(members, kept)),
        **({ROWS: rows} if rows else {}),
    }
    with tempfile.TemporaryDirectory(dir=folder, prefix=".script-") as name:
        for file, text in texts.items():
            (Path(name) / file).write_text(text, encoding="utf-8", newline="\n")
        return tuple((Path(name) / file).replace(folder / file) for file in texts)


def _members(source: Source) -> list[tuple[Member, int, bool]]:
    """Return the members of the file, how many models each of them is, and whether they are those of its folds."""
    told = json.loads(_whole(source).metadata["tablewright.members"])
    blend = source.progress.blend
    members = () if blend is None else blend.members
    pairs = zip(members, told, strict=False)
    return [(member, int(each["models"]), is_of_folds(each)) for member, each in pairs]


def is_of_folds(told: Mapping[str, Any]) -> bool:
    """Say whether a member is the models of its folds, by what a file says of it; files of before do not say so.

    >>> is_of_folds({"family": "lightgbm", "models": 5, "of_folds": True}), is_of_folds({"family": "lightgbm"})
    (True, False)
    """
    return bool(told.get("of_folds", False))


def _whole(source: Source) -> Model:
    """Return the run's own model, also where a smaller version of it was chosen: a script has no size."""
    from engine.model import open_model

    return open_model(source.artifacts.fetch(MODEL_FILE))


def _score(source: Source) -> Estimate:
    """Return the score of the run's own model, by the metric that judged."""
    told, metric = _whole(source).metadata, source.prepared.metric
    scores = {**json.loads(told["tablewright.validation"]), **json.loads(told["tablewright.score"])}
    return Estimate(**scores[metric])


def _has_work(key: str, kinds: set[Kind]) -> bool:
    """Whether a feature step takes columns of these kinds; a selection among features always has work."""
    from engine.features.step import FeatureStep
    from engine.registry import parts

    steps = {step.key: step for step in parts("engine.features", FeatureStep)}
    return key not in steps or bool(steps[key].kinds & kinds)


def _member(source: Source, member: Member, n_models: int, *, of_folds: bool) -> dict[str, Any]:
    """Return what the script says of a member.

    `of_folds`: it is the models of its folds. `left_out`: the feature steps that the script does not have.
    """
    from engine.families.family import family_named
    from engine.search.fitting import more_rounds
    from engine.search.point import pipeline_spec
    from engine.search.validation import single_rows

    kinds = {column.kind for column in _whole(source).columns}
    candidate = next(each for each in source.progress.finished if each.number == member.number)
    family = family_named(member.family)
    spec = pipeline_spec(family, candidate.parameters)
    steps = {STANDS_IN.get(step.key, step.key): step for step in spec.recipe if _has_work(step.key, kinds)}
    n_folds, n_rows = _folds_of_one_drawing(source.prepared), source.prepared.n_train
    rows_of_fold = n_rows - (n_rows / n_folds if n_folds > 1 else single_rows(n_rows))
    more = 1.0 if of_folds else more_rounds(n_rows, rows_of_fold)
    parameters = dict(spec.parameters)
    if member.family == "catboost" and not parameters.get("learning_rate"):
        from engine.families.catboost import default_rate

        parameters["learning_rate"] = default_rate(source.prepared.task.kind, n_rows)
    return {
        "family": member.family,
        "weight": member.weight,
        "n_models": n_models,
        "of_folds": of_folds,
        "rounds": max(1, round(more * candidate.rounds)),
        "target": dict(spec.target),
        "features": [(key, dict(step.parameters)) for key, step in steps.items() if key in STEPS],
        "left_out": [key for key in steps if key not in STEPS],
        "parameters": parameters,
    }


def _folds_of_one_drawing(prepared: DataPrepared) -> int:
    """Return into how many folds the rows were divided at once; the event counts those of all drawings."""
    how = prepared.how_validated
    return prepared.n_folds // int(how.parameters.get("n_repeats", 1) if how else 1)


def _as_joined(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the facts of a joined table as those of a plain CSV file: it has no file whose ways it could share."""
    schema = [{**column, "position": place} for place, column in enumerate(kept["schema"])]
    return {**kept, "name": "joined.csv", "read_as": {"separator": ","}, "lines_left_out": (), "schema": schema}


def _script(source: Source, kept: Mapping[str, Any], members: list[dict[str, Any]], rows: str) -> str:
    prepared, score = source.prepared, _score(source)
    facts = {
        "READ": {key: kept["read_as"].get(key) for key in ("encoding", "separator", "sheet")},
        "SKIPPED_LINES": _skipped(kept) if script_reads(kept) and suffix_of(kept) not in JSON else (0,),
        "COMPARED": _compared(source, kept),
        "TARGET": prepared.task.target,
        "CLASSES": list(prepared.task.classes),
        "WEIGHT": next((each["name"] for each in kept["schema"] if each["role"] == Role.WEIGHT), None),
        "SEED": source.config.seed,
        "HOLDOUT": _share(source),
        "METRIC": prepared.metric,
        "SCORE": score.value,
        "MEASURED_ON": _measured_on(source, score),
        "N_ROWS": kept["n_rows"],
    }
    lines = [f"{name} = {pformat(value, width=110, sort_dicts=False)}" for name, value in facts.items()]
    lines.append('COLUMNS = json.loads((Path(__file__).parent / "columns.json").read_text(encoding="utf-8"))')
    numbers = f'np.loadtxt(Path(__file__).parent / "{ROWS}", dtype=np.int64, ndmin=1)' if rows else "None"
    lines.append(f"HOLDOUT_ROWS = {numbers}")
    same_rows = bool(rows) or not (prepared.n_holdout and _chosen_otherwise(source, kept))
    said = reading_said(reads=script_reads(kept), is_json=suffix_of(kept) in JSON)
    simpler = [*said, *simplifications(source, members, same_rows=same_rows)]
    return assembled(head(source, score, simpler, same_rows=same_rows), lines, members)


def script_reads(kept: Mapping[str, Any]) -> bool:
    """Say whether the script reads files such as the run's; others are to be saved as CSV first.

    >>> script_reads({"name": "t.json.gz", "read_as": {}})
    False
    """
    is_text, suffix = kept["read_as"].get("separator") is not None, suffix_of(kept)
    if not is_text:
        return suffix in TYPED
    chosen_inside = suffix in PACKED and kept["read_as"].get("sheet") is not None
    return suffix not in TYPED and not chosen_inside


def suffix_of(kept: Mapping[str, Any]) -> str:
    """Return what the name of the run's file ends in."""
    return Path(str(kept["name"])).suffix.lower()


def _skipped(kept: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the lines of the file, from 0, that are not rows of the table."""
    options = kept["read_as"]
    n_header = options.get("n_header_rows")
    first = (options.get("n_skipped_rows") or 0) + (1 if n_header is None else n_header)
    return tuple(sorted({*range(first), *(line - 1 for line in kept.get("lines_left_out", ()))}))


def _share(source: Source) -> float:
    from engine.search.folds import default_holdout

    prepared = source.prepared
    if not prepared.n_holdout:
        return 0.0
    return source.config.holdout or default_holdout(prepared.n_train + prepared.n_holdout)


def _measured_on(source: Source, score: Estimate) -> str:
    where = "the hold-out, by the file itself" if source.prepared.n_holdout else "out-of-fold predictions"
    return f"{where}; 95 % interval {score.low:.5g} to {score.high:.5g}"


def _columns(source: Source, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the columns that the script reads, with the rules for their cells."""
    roles = {column.name: "feature" for column in _whole(source).columns}
    roles |= {column["name"]: "weight" for column in kept["schema"] if column["role"] == Role.WEIGHT}
    roles[source.prepared.task.target] = "target"
    roles = {**dict.fromkeys(_compared(source, kept), "compared"), **roles}
    # A column that the run left out by itself, because it gives the answer away, still has the role of a feature.
    return [
        {**{name: column[name] for name in COLUMN_FACTS}, "role": roles[column["name"]]}
        for column in kept["schema"]
        if column["name"] in roles
    ]


def _chosen_otherwise(source: Source, kept: Mapping[str, Any]) -> bool:
    """Say whether others than the script's own draw chose the rows set aside: columns, an earlier run, a sample."""
    by_columns = any(column["role"] in DIVIDING for column in kept["schema"])
    return by_columns or source.config.again is not None or is_sampled(source)


def _compared(source: Source, kept: Mapping[str, Any]) -> list[str]:
    """Return the columns in which the run compared rows to leave out copies; none where it left out none."""
    if not kept["n_copies_left_out"] or is_sampled(source):
        return []
    names = [column["name"] for column in kept["schema"]]
    return [name for name in source.config.drop_alike if name in names] or names


def _holdout_rows(source: Source, kept: Mapping[str, Any]) -> str:
    """Return the numbers of the rows set aside, from 0, where the script cannot draw them itself; else nothing."""
    import pandas as pd

    from engine.unseen import ANSWERS, ROW

    if not kept["held_out"] or not _chosen_otherwise(source, kept) or kept["n_unseen"] != source.prepared.n_holdout:
        return ""
    rows = pd.read_parquet(source.artifacts.fetch(ANSWERS), columns=[ROW])[ROW]
    return "".join(f"{row}\n" for row in rows) if len(rows) == kept["n_unseen"] else ""


def _requirements(members: list[dict[str, Any]], kept: Mapping[str, Any]) -> list[str]:
    wanted: list[tuple[str, ...]] = [("numpy",), ("pandas",), ("scikit-learn",)]
    wanted += [LIBRARIES[each["family"]] for each in members if each["family"] in LIBRARIES]
    wanted += [(FORMATS[suffix_of(kept)],)] if script_reads(kept) and suffix_of(kept) in FORMATS else []
    return [_pinned(names) for names in dict.fromkeys(wanted)]


def _pinned(names: tuple[str, ...]) -> str:
    """Return the first of these packages that is installed, with its version."""
    for name in names:
        try:
            return f"{name}=={version(name)}"
        except PackageNotFoundError:
            continue
    return names[-1]


SCRIPT_EXPORTER = Exporter(
    key="script",
    title="Training script",
    summary="A readable Python script that trains what won anew, without Tablewright, and prints its score.",
    write=write,
)
