"""Everything that a report says of a run, worked out by the functions that the screens use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.insight.fairness.fairness import Fairness, how_fair
from engine.insight.fairness.sensitive import suggested
from engine.insight.quality.judged import Judged, read_judged
from engine.insight.quality.money import prices_of
from engine.insight.quality.more_rows import read_more_rows
from engine.insight.quality.quality import Quality, how_good
from engine.insight.why import Why
from engine.insight.why_kept import kept_why, why_from_kept
from engine.messages import Message, Phrase
from engine.model import Model, open_model
from engine.registry import parts
from engine.unseen import TABLE
from exporters.exporter import Reader, Source

WHOLE_MODEL = "model.onnx"
MOST_FAIRNESS = 3  # columns that are asked about without being chosen


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a report is written from. What a run has not kept is None or empty.

    `table`: how the table was read, as it was kept. `fairness`: by the columns that suggest themselves.
    """

    source: Source
    quality: Quality
    judged: Judged | None
    why: Why | None
    table: Mapping[str, Any]
    model: Model
    fairness: tuple[Fairness, ...]
    families: Mapping[str, str]

    @property
    def reader(self) -> Reader:
        """Who reads it."""
        return self.source.reader

    def say(self, message: Message) -> str:
        """Say a message in the reader's language, families by their names."""
        key = message.parameters.get("family")
        if key is None:
            return self.reader.say(message)
        return self.reader.say(replace(message, parameters={**message.parameters, "family": self.family(str(key))}))

    def text(self, known: Phrase, /, **values: str | float) -> str:
        """Say a phrase of the report."""
        return self.say(known(**values))

    def family(self, key: str) -> str:
        """Return the name of a family."""
        return self.reader.word(self.families.get(key, key))


def facts_of(source: Source) -> Facts:
    """Gather what is known of a run; raises InputError before its model is ready."""
    from engine.families.family import Family  # brings the libraries of graphs, which a list of forms does not need

    progress, prepared, config = source.progress, source.prepared, source.config
    is_whole = source.ready.path == WHOLE_MODEL  # what was kept of single rows speaks of the whole model alone
    judged = read_judged(source.artifacts, prepared.task) if is_whole else None
    prices, more_rows = prices_of(config.decisions.costs, prepared.task.classes), read_more_rows(source.artifacts)
    quality = how_good(progress, judged, prices, more_rows=more_rows, seed=config.seed)
    assert quality is not None
    why = kept_why(source.artifacts) if is_whole else None
    names = () if judged is None else suggested(judged.cells, judged.schema)[:MOST_FAIRNESS]
    return Facts(
        source=source,
        quality=quality,
        judged=judged,
        why=why or why_from_kept(source.artifacts, progress, seed=config.seed),
        table=_table(source),
        model=open_model(source.model),
        fairness=tuple(how_fair(judged, name, seed=config.seed) for name in names) if judged is not None else (),
        families={family.key: family.title for family in parts("engine.families", Family)},
    )


def _table(source: Source) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(source.artifacts.fetch(TABLE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found
