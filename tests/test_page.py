"""The one-page export: what it refuses, what it says of the table, and that nothing in a table can break out of it."""

import base64
import gzip
import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.bootstrap import workspace
from app.handing_over import source_of
from engine.errors import InputError
from engine.messages import Message, render
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules, Subkind
from exporters.exporter import Source
from exporters.page import PAGE, facts, script_safe
from exporters.page_parts import runtime
from exporters.page_parts.fields import MOST_CHOICES, fields
from tests.conftest import Trained

COLUMN = ColumnSchema(
    name="x", original_name="x", position=0, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=Message("none")
)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place where the runtime is looked for."""
    place = tmp_path / "a place"
    monkeypatch.setenv(runtime.FOLDER, str(place))
    return place


def source(trained: Trained) -> Source:
    with workspace(trained.workspace) as place:
        return source_of(place.runs, place.runs.get(trained.document["run_id"]))


def test_without_the_runtime_it_says_the_one_command_and_writes_nothing(
    trained: Trained, nowhere: Path, tmp_path: Path
) -> None:
    lack = PAGE.lacks()
    assert lack is not None
    assert f'npm pack onnxruntime-web@{runtime.VERSION} --pack-destination "{nowhere}"' in render(lack)
    assert nowhere.is_dir()  # npm does not make it
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="npm pack"):
        PAGE.write(source(trained), tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.usefixtures("page_runtime")
def test_a_damaged_runtime_is_not_put_into_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = runtime.folder() / runtime.TARBALL
    monkeypatch.setenv(runtime.FOLDER, str(tmp_path))
    (tmp_path / runtime.TARBALL).write_bytes(whole.read_bytes()[:1_000_000])
    assert runtime.lacking() is None
    with pytest.raises(InputError, match="is not the one of onnxruntime-web"):
        runtime.runtime()


@pytest.mark.usefixtures("page_runtime")
def test_an_unpacked_runtime_does_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packed = runtime.runtime()
    shutil.unpack_archive(runtime.folder() / runtime.TARBALL, tmp_path, "gztar", filter="data")
    monkeypatch.setenv(runtime.FOLDER, str(tmp_path))
    assert runtime.lacking() is None
    assert runtime.runtime() == packed
    changed = tmp_path / "package" / "dist" / runtime.LOADER
    changed.write_text(changed.read_text(encoding="utf-8") + " ", encoding="utf-8")
    runtime._read.cache_clear()
    with pytest.raises(InputError, match=runtime.LOADER):
        runtime.runtime()


@pytest.mark.usefixtures("page_runtime")
def test_the_page_carries_the_certified_model_and_runs_only_its_own_scripts(trained: Trained, tmp_path: Path) -> None:
    run = source(trained)
    (path,) = PAGE.write(run, tmp_path)
    page = path.read_text(encoding="utf-8")
    carried = re.search(r'<script type="text/plain" id="model">([^<]+)</script>', page)
    assert carried is not None
    model = gzip.decompress(base64.b64decode(carried[1]))
    assert hashlib.sha256(model).hexdigest() == run.ready.certificate.sha256
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in page.partition("<title>")[0]
    assert "unsafe-inline" not in page.partition("<title>")[0]


def test_no_row_of_the_table_is_in_the_page(trained: Trained) -> None:
    told = json.dumps(facts(source(trained)), ensure_ascii=False)
    table = pd.read_csv(trained.table, dtype="str", keep_default_na=False)
    assert not [text for text in table["remark"] if text in told]
    assert not [text for text in table["noise"] if text in told]
    assert "Bonn" in told  # a category, which the model's file holds as well


def test_nothing_in_a_table_ends_a_script() -> None:
    names = ["</script><script>alert(1)</script>", "<!--", "a & b", "\u2028", '"', "😀"]
    text = script_safe(names)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == names


CELLS = {
    "number": [str(n / 10) for n in range(400)],
    "whole": [str(float(n % 7)) for n in range(400)],
    "euro": [str(n + 0.5) for n in range(400)],
    "date": [f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.{2000 + n % 20}" for n in range(400)],
    "clock": [f"1970-01-01 {n % 24:02d}:30:00" for n in range(400)],
    "epoch": [f"2024-01-{n % 28 + 1:02d} 10:30:00" for n in range(400)],
}
COLUMNS = {
    "number": COLUMN,
    "whole": replace(COLUMN, subkind=Subkind.WHOLE),
    "euro": replace(
        COLUMN, cells=Cells.TEXT, rules=ReadingRules(number=True, decimal=",", thousands=".", suffixes=("€",))
    ),
    "date": replace(COLUMN, kind=Kind.DATE, cells=Cells.TEXT, date_formats=("%d.%m.%Y",)),
    "clock": replace(
        COLUMN,
        kind=Kind.DATE,
        cells=Cells.TEXT,
        date_formats=("%Y-%m-%d %H:%M:%S",),
        rules=ReadingRules(moments=("%H:%M",)),
    ),
    "epoch": replace(
        COLUMN,
        kind=Kind.DATE,
        cells=Cells.TEXT,
        date_formats=("%Y-%m-%d %H:%M:%S",),
        rules=ReadingRules(moments=("epoch_s",)),
    ),
}


@pytest.mark.parametrize(
    ("name", "hint", "start"),
    [
        ("number", "Mostly 2 to 37.9", "19.9"),
        ("whole", "Mostly 0 to 6", "3"),
        ("euro", "In €, mostly 20 to 380", "200"),
        ("date", "DD.MM.YYYY, mostly 26.01.2001 to 30.11.2018", "29.12.2009"),
        ("clock", "hh:mm, mostly 01:30 to 22:30", "11:30"),
        (
            "epoch",
            "YYYY-MM-DD hh:mm:ss, or seconds since 1970, mostly 2024-01-02 10:30:00 to 2024-01-27 10:30:00",
            "2024-01-14 10:30:00",
        ),
    ],
)
def test_what_is_usual_is_said_in_rounded_figures_and_can_be_read(name: str, hint: str, start: str) -> None:
    column = replace(COLUMNS[name], name=name)
    (field,) = fields([column], {}, CELLS)
    assert field["hint"] == hint
    assert field["start"] == start
    assert canonical_cells(pd.Series([start, field["example"] or start], dtype="str"), column).notna().all()


def test_of_few_rows_nothing_is_said() -> None:
    (field,) = fields([replace(COLUMN, name="number")], {}, {"number": CELLS["number"][:19]})
    assert (field["hint"], field["start"], field["low"]) == ("", "", None)


def test_of_very_many_levels_all_are_known_and_not_all_are_offered() -> None:
    code = replace(COLUMN, name="code", kind=Kind.CATEGORY, cells=Cells.TEXT)
    levels = tuple(f"k{n:05}" for n in range(MOST_CHOICES + 500))
    (field,) = fields([code], {"code": levels}, {})
    assert field["known"] == list(levels)
    assert field["choices"] == list(levels[:MOST_CHOICES])


def test_every_choice_is_read_as_the_level_that_it_stands_for() -> None:
    yes_no = replace(COLUMN, name="flag", kind=Kind.YES_NO, rules=ReadingRules(same=(("yes", "1"), ("no", "0"))))
    size = replace(COLUMN, name="size", kind=Kind.CATEGORY, cells=Cells.TEXT, order=("small", "large"))
    code = replace(COLUMN, name="code", kind=Kind.CATEGORY)
    levels = {"flag": ("0.0", "1.0"), "size": ("", "large", "small"), "code": ("10.0", "9.0", "nan")}
    told = fields([yes_no, size, code], levels, {"size": ["small", "large", "large"]})
    assert [each["choices"] for each in told] == [["no", "yes"], ["small", "large"], ["9", "10"]]
    assert [each["start"] for each in told] == ["no", "large", "9"]
    for field, column in zip(told, (yes_no, size, code), strict=True):
        cells = canonical_cells(pd.Series(field["choices"], dtype="str"), column)
        assert cells.tolist() == field["known"]
        assert all(isinstance(cell, str) or np.isfinite(cell) for cell in field["known"])
