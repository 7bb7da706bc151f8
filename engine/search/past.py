"""What an earlier process of the same run has left: so that a resumed run keeps every finished candidate."""

import math
from collections.abc import Callable, Container, Sequence
from pathlib import Path

from engine.events import CandidateFailed, CandidateFinished, CandidateStarted, Event, of_kind
from engine.search.kept import is_kept, place_of
from engine.search.likely import likely_loss, surely_known
from engine.search.order import Report
from engine.search.proposal import Past, Proposal
from engine.search.surroundings import Result
from engine.tasks.metric import Metric


def past_results(events: Sequence[Event], folder: Path, metric: Metric) -> dict[int, Result]:
    """Return the candidates that came through all folds and whose models are still in the run's scratch folder."""
    return {
        event.number: _result(event, metric)
        for event in of_kind(events, CandidateFinished)
        if not event.pruned and is_kept(place_of(folder, event.number))
    }


def _result(event: CandidateFinished, metric: Metric) -> Result:
    report = Report(
        fold_scores=event.fold_scores,
        score=event.score,
        pooled_score=math.nan if event.pooled_score is None else event.pooled_score,
        spread=event.spread,
        rounds=event.rounds,
        n_nodes=event.n_nodes,
        n_steps=event.n_steps,
        n_unscored=event.n_unscored,
        pruned=event.pruned,
    )
    return Result(
        proposal=Proposal(number=event.number, family=event.family, parameters=event.parameters),
        report=report,
        seconds=event.train_seconds,
        loss=metric.loss(event.score),
    )


def past_candidates(
    events: Sequence[Event],
    metric: Metric,
    kept: Container[int],
    *,
    n_folds: int,
    timed: bool,
    room_taken: Callable[[Result], float],
) -> tuple[Past, ...]:
    """Return every candidate that was started, in the order of their numbers.

    `kept`: those that came through all folds and whose models are still there; the others are trained again. `timed`:
    what they took may count. `room_taken`: by a candidate, see `Search`.
    """
    failed = of_kind(events, CandidateFailed)
    finished = [each for each in of_kind(events, CandidateFinished) if each.pruned or each.number in kept]
    folds = {event.number: [metric.loss(score) for score in event.fold_scores] for event in finished}
    whole = {event.number: folds[event.number] for event in finished if not event.pruned}
    scored = {
        event.number: likely_loss(folds[event.number], surely_known(event.number, whole))
        if event.pruned
        else metric.loss(event.score)
        for event in finished
    }
    losses: dict[int, float | None] = {**{event.number: None for event in failed}, **scored}
    took = {event.number: event.train_seconds for event in failed}
    took.update({event.number: event.train_seconds for event in finished})
    results = {event.number: _result(event, metric) for event in finished}
    started = {event.number: event for event in of_kind(events, CandidateStarted)}
    return tuple(
        Past(
            proposal=Proposal(
                number=number,
                family=started[number].family,
                parameters=started[number].parameters,
                request=started[number].request,
            ),
            ended=number in losses,
            loss=losses.get(number),
            seconds=took.get(number) if timed else None,
            share=results[number].n_folds / n_folds if number in results else 1.0,
            load=room_taken(results[number]) if number in results else 0.0,
        )
        for number in sorted(started)
    )
