"""No screen shows English to a reader of Chinese.

Every text that a page sends to the browser is looked at. One without a Chinese letter may hold names and cells of
tables only; in the others no three Latin words may follow each other.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from google.protobuf.message import Message as Sent  # type: ignore[import-untyped]  # it comes without types
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest

from app import language, readings
from app.opened import settle
from app.screen import screens
from app.table_view.read_as import ENCODINGS
from engine.checks.check import Finding, Severity
from engine.checks.groups import REPEATING
from engine.config import ExperimentConfig
from engine.events import Checked, Event
from engine.messages import phrases
from engine.registry import parts
from engine.search.portfolio_file import best_families
from engine.table.schema import Kind, Known, Role
from engine.tasks.metric import Metric
from storage.settings import NO_MIRROR, SETTINGS
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import PATIENCE_SECONDS, Show, run

CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
THREE_WORDS = re.compile(r"[A-Za-z'’]{2,}([ ,]+[A-Za-z'’]{2,}){2,}")
# What is code, a path, an address, a variable or a number with its unit.
TECHNICAL = re.compile(r"`[^`]*`|:material/\w+:|\S*[\w-][_/.:\\=][\w/\\-]\S*|\b[A-Z0-9_-]{2,}\b|--\w+|\.\w+")
NAMES = frozenset(
    "ONNX MLflow SHAP LightGBM CatBoost XGBoost AUC RMSE MAE Python Excel Parquet Feather JSON SQLite Tablewright "
    "English onnxruntime numpy kB MB ms bucket scikit-learn lightgbm catboost xgboost xgboost-cpu optuna "
    "shap mlflow streamlit pandas".split()
)
METRICS = "engine.tasks.metrics"
NO_WORDS = frozenset(
    "id form_id key url page autocomplete icon theme page_script_hash query_string element_id url_path src format type "
    "color name javascript_script css_content html_content js_content mixed_data js_source css_source html".split()
)
OF_THE_TABLE = frozenset({*made_runs.COLUMNS, "left", "price", "no", "yes", "nearest"})
OF_THE_PROGRAM = frozenset(
    (
        *best_families(),
        *ENCODINGS,
        *(metric.key for metric in parts(METRICS, Metric)),
        *(setting.key for setting in SETTINGS),
        *(setting.default for setting in SETTINGS),
        NO_MIRROR,
    )
)
KNOWN = NAMES | OF_THE_TABLE | OF_THE_PROGRAM
CHOICES = frozenset((*Kind, *Role, *Known))  # an editor is sent the choices, and their labels beside them
RUN = "哪些客户会流失？"


def shown(page: AppTest) -> Iterator[str]:
    """Yield every text that a page sends to the browser; code is no language, and HTML holds styles alone."""
    waiting: list[Any] = [page._tree]
    while waiting:
        node = waiting.pop()
        waiting.extend(getattr(node, "children", {}).values())
        if isinstance(getattr(node, "proto", None), Sent) and getattr(node, "type", "") not in ("code", "html"):
            yield from texts(node.proto)


def texts(sent: Sent) -> Iterator[str]:
    """Yield the texts of one element."""
    for field, value in sent.ListFields():
        if field.name in NO_WORDS:
            continue
        several = isinstance(value, list) or hasattr(value, "append")
        for each in value if several else (value,):
            if isinstance(each, Sent):
                yield from texts(each)
            elif isinstance(each, bytes):
                yield from cells(each)
            elif isinstance(each, str):
                yield from titles_in(json.loads(each)) if field.name in ("spec", "columns") and each else spoken(each)


def spoken(text: str) -> Iterator[str]:
    """Yield a text; of a document in JSON, which a component of the page is sent, the texts in it."""
    try:
        waiting = [json.loads(text)]
    except json.JSONDecodeError:
        yield text
        return
    while waiting:
        node = waiting.pop()
        waiting.extend(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        if isinstance(node, str):
            yield node


def titles_in(document: object) -> Iterator[str]:
    """Yield what a chart or the settings of a table's columns say in words."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if key in ("title", "help", "label") and isinstance(value, str):
                yield value
            else:
                yield from titles_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from titles_in(value)


def cells(table: bytes) -> Iterator[str]:
    """Yield the texts in a table."""
    frame = dataframe_util.convert_arrow_bytes_to_pandas_df(table)
    found = (value for name in frame.columns for value in frame[name] if isinstance(value, str))
    yield from (value for value in found if value not in CHOICES)


def english(text: str, known: frozenset[str]) -> bool:
    """Whether a text says something in English; `known` are texts and words that may be Latin."""
    if text in known:
        return False
    left = TECHNICAL.sub(" ", text.replace("\\", ""))
    left = re.sub(r"[A-Za-z][\w-]*", lambda found: " " if found[0] in known else found[0], left)
    return bool(THREE_WORDS.search(left) if CHINESE.search(left) else WORD.search(left))


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue speaks; what the tests themselves say is Chinese too."""
    real = language.catalogue
    made_up = {known.text: "测试。" for known in phrases() if known.code.startswith("test_")}
    made_up |= {known.suggestion: "测试。" for known in phrases() if known.code.startswith("test_")}
    monkeypatch.setattr(language, "catalogue", lambda wanted: {**made_up, **real(wanted)})


@pytest.fixture
def assert_chinese(show: Show, place: Workspace) -> Callable[..., None]:
    """Open a screen and fail when it shows English."""
    (place.folder / "preferences.json").write_text('{"language": "zh_CN"}', encoding="utf-8")

    def look(key: str, **query: str) -> None:
        page = show(key, **query)
        found = list(shown(page))
        assert any(CHINESE.search(text) for text in found)
        names = re.compile("|".join(map(re.escape, (str(place.folder), *query.values()))))  # of folders and runs
        assert [text for text in found if english(names.sub(" ", text), KNOWN)] == []

    return look


def test_english_is_noticed() -> None:
    assert english("Start training", NAMES)
    assert english("Open", NAMES)
    assert english("请查看 this is left 列", NAMES)
    assert not english("LightGBM", NAMES)
    assert not english("用 `tablewright runs` 可以列出 ONNX 文件", NAMES)


def test_a_screen_in_english_would_be_noticed(show: Show) -> None:
    assert any(english(text, NAMES) for text in shown(show("home")))


@pytest.mark.parametrize("key", [screen.key for screen in screens()])
def test_an_empty_screen_is_chinese(assert_chinese: Callable[..., None], key: str) -> None:
    assert_chinese(key)


def test_the_language_can_be_changed_at_any_time_and_is_remembered(show: Show) -> None:
    page = show("settings")
    assert page.title[0].value == "Settings"
    page = run(page.selectbox(key="settings_language").set_value("zh_CN"))
    assert page.title[0].value == "设置"
    assert show("home").title[0].value == "您想预测什么？"
    page = run(page.selectbox(key="settings_language").set_value("en"))
    assert page.title[0].value == "Settings"
    assert show("home").title[0].value == "What would you like to predict?"


STATES: dict[str, Callable[[], list[Event]]] = {
    "begun": made_runs.begun,
    "ready": made_runs.ready,
    "finished": lambda: [
        Checked(seconds=0.5, findings=(Finding(severity=Severity.PLEASE_LOOK, message=REPEATING(column="区域")),)),
        *made_runs.with_smaller(),
    ],
    "a number": lambda: made_runs.finished(made_runs.REGRESSION),
    "failed": made_runs.failed,
}
OF_NO_RUN = ("home", "data", "goal", "settings")
LOOKED_AT = (
    *((screen.key, "finished") for screen in screens() if screen.key not in OF_NO_RUN),
    ("home", "begun"),
    *(("training", state) for state in ("begun", "ready", "failed")),
    *(("quality", state) for state in ("begun", "a number")),
    *(("why", state) for state in ("ready", "a number")),
    ("runs", "begun"),
)


@pytest.mark.parametrize(("key", "state"), LOOKED_AT)
def test_a_screen_about_a_run_is_chinese(
    assert_chinese: Callable[..., None], place: Workspace, key: str, state: str
) -> None:
    assert_chinese(key, run=made_runs.keep(place, STATES[state](), name=RUN))


@pytest.fixture(scope="session")
def read_orders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small table with names and values in Chinese, read once."""
    bought = ["是" if n % 3 == 0 else "否" for n in range(120)]
    frame = pd.DataFrame(
        {
            "订单编号": [f"A-{n:05d}" for n in range(120)],
            "日期": [f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(120)],
            "年龄": [20 + (7 * n) % 50 for n in range(120)],
            "城市": [("北京", "上海", "广州")[n % 7 % 3] for n in range(120)],
            "备注": ["重要" if n % 40 == 0 else "" for n in range(120)],
            "收据": ["已打印" if answer == "是" else "无" for answer in bought],
            "购买": bought,
        }
    )
    folder = tmp_path_factory.mktemp("orders")
    frame.to_csv(folder / "订单.csv", index=False)
    with pytest.MonkeyPatch.context() as patched, settle(folder / "workspace"):
        patched.setenv("TABLEWRIGHT_WORKSPACE", str(folder / "workspace"))
        reading = readings.begin(
            folder / "订单.csv", "订单.csv", question="谁会购买？", config=ExperimentConfig(target="购买")
        )
        dataset_id = readings.wait(reading, PATIENCE_SECONDS).dataset_id
        readings.forget(reading)
    assert dataset_id is not None
    return folder / "workspace", dataset_id


@pytest.mark.parametrize("key", ["data", "goal"])
def test_a_screen_about_a_table_is_chinese(
    assert_chinese: Callable[..., None], place: Workspace, read_orders: tuple[Path, str], key: str
) -> None:
    folder, dataset_id = read_orders
    place.close()
    shutil.copytree(folder, place.folder, dirs_exist_ok=True)
    assert_chinese(key, table=dataset_id)
