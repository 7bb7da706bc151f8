"""How long rows take through one model of each member: measured before the members are fitted again on all rows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.blend.final import FinalModel
from engine.limits import ModelLimits
from engine.outcomes import Member
from engine.run.finish import CHECKED_ROWS, MemberPlan, members_of
from engine.run.trimming import own_costs, slowness
from engine.search.data import TrainingData


def time_members(folder: Path, members: Sequence[Member], limits: ModelLimits) -> dict[int, float]:
    """Return what is each member's own of the time of a row, as a share of what is wished for all of them together.

    By candidate, through one fold model of each; empty where rows are quick enough.
    """
    from engine.graph.assemble import assemble
    from engine.graph.row_times import RowTimes, row_times

    data = TrainingData.load(folder / "data")
    plans = [MemberPlan(member=member, n_refits=0, n_folds=1) for member in members]
    model = FinalModel(
        task=data.task, columns=data.columns, members=members_of(folder, plans), target_scale=data.target_scale
    )
    rows = data.train.frame.head(CHECKED_ROWS)

    def timed(part: FinalModel) -> RowTimes:
        return row_times(assemble(part), model.columns, rows)

    together = timed(model)
    slower = slowness(together, limits, len(model.columns))
    if slower <= 1:
        return {}
    alone = [timed(replace(model, members=(member,))).calm_microseconds for member in model.members]
    own = own_costs(together.calm_microseconds, [1] * len(alone), alone)
    return {member.number: slower * each / sum(own) for member, each in zip(members, own, strict=True)}
