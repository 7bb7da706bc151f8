"""What the runs of a workspace have taught: read from their events, so there is nothing to keep in step."""

from engine.events import CandidateFinished, DataPrepared, TableDescribed
from engine.search.experience import Experience, experience_of
from storage.runs import RunStore

NEWEST_RUNS = 40
KINDS = (TableDescribed.kind, DataPrepared.kind, CandidateFinished.kind)


def workspace_experience(runs: RunStore, *, owner: str | None = None, project: str | None = None) -> list[Experience]:
    """Return what the newest runs found out, the newest first; deleted runs are forgotten.

    `owner`, `project`: only of these; what one project has learnt is not told in another.
    Of several runs on one table the one that tried most speaks.
    """
    records = runs.records(owner=owner, project=project, limit=NEWEST_RUNS)
    events = runs.events_of_kinds([record.id for record in records], KINDS)
    kept: list[Experience] = []
    for record in records:
        found = experience_of(record.name, events[record.id])
        if found is None:
            continue
        same = next((n for n, each in enumerate(kept) if each.features.is_same_table(found.features)), None)
        if same is None:
            kept.append(found)
        elif len(found.outcomes) > len(kept[same].outcomes):
            kept[same] = found
    return kept
