"""Finds runs by words: in their name, table, target, notes and tags."""

from collections.abc import Iterable, Mapping

from storage.runs import RunRecord


def matching(records: Iterable[RunRecord], words: str, tables: Mapping[str, str]) -> list[RunRecord]:
    """Return the runs in which every word occurs somewhere, in the order given. `tables`: their names by id."""
    wanted = words.casefold().split()
    return [record for record in records if all(word in _text(record, tables) for word in wanted)]


def _text(record: RunRecord, tables: Mapping[str, str]) -> str:
    parts = (record.name, tables.get(record.dataset_id, ""), record.config.chosen_target, record.notes, *record.tags)
    return "\n".join(str(part or "") for part in parts).casefold()
