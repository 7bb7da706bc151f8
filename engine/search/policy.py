"""What the search does next: a pure policy of what is known and how much time is left.

It looks at no clock and starts nothing, so recorded trials can be replayed through it. With a fixed number of
candidates time plays no part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from engine.messages import Message, phrase

LAG = 2  # with a fixed number of candidates, a proposal knows the results up to this many candidates before it
SHORTEST_TRIAL_SECONDS = 0.7
FIRST_MODEL_SECONDS = 5.0  # for each candidate while nothing has been learnt: rather one model than many attempts
WORTH_STARTING = 0.3  # of the usual time of a candidate: with less it would be cut off long before it has learnt
LARGEST_SHARE = 0.4  # of the time that is left, for one starting point: others must have a turn too
LARGEST_SHARE_SEARCHED = 0.6
HURRY = 2.5  # times faster than usual that a family can learn without losing much
MOST_POINTS = 18  # that other tables teach; beyond these a search on the table itself finds more

# The search ends when the blend of what was found gained less than this share of its error with this many candidates.
NO_GAIN = 0.002
PATIENCE, PATIENCE_SHARE = 10, 0.35
# Beyond what the rows can tell apart it goes on only while the blend gains this much, over the number of candidates
# they can tell apart, with PATIENCE candidates: as that grows with the root of the rows, luck falls.
CLEAR_GAIN_TIMES_CAP = 0.05
LEAST_SECONDS_TO_WATCH = 6.0  # how the blend stands; with less time left nothing would come of knowing
PERFECT = 1e-9

ALL_TRIED = phrase("search_all_tried", "All {n_candidates} candidates that were asked for have been tried.")
ENOUGH = phrase(
    "search_enough",
    "{n_candidates} candidates are enough for this number of rows: what followed would be mostly luck.",
)
TIME_IS_UP = phrase("search_time_is_up", "The rest of the time is kept for the final model.")
NOTHING_TO_GAIN = phrase(
    "search_nothing_to_gain",
    "The last {n_candidates} candidates have hardly made the model better: more time would gain nothing.",
)
PERFECT_ALREADY = phrase("search_perfect", "No mistake is left on rows that were not learnt from.")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A candidate that ended.

    `loss`: 0 when perfect, None when it failed. `share`: of its folds that were fitted. `load`: what it takes of the
    room in the file; above 1 it can be no member.
    """

    number: int
    family: str
    seconds: float
    loss: float | None
    share: float = 1.0
    load: float = 0.0

    @property
    def whole_seconds(self) -> float:
        """What all folds would have taken."""
        return self.seconds / max(self.share, 0.1)


@dataclass(frozen=True, kw_only=True)
class BlendStanding:
    """The loss of the blend of what was known after so many candidates, on rows that did not choose it."""

    n_candidates: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything the policy looks at.

    `seconds_left`: for trials; None when the number of `candidates` is fixed. `next_number`: of the next candidate.
    `n_queued`: starting points that are left. `cap`: candidates that the table can tell apart, beyond which more are
    tried only while they clearly help; None: use all the time.
    `tried`: in the order of their ends. `n_asked_for`: candidates that a person asked for and that wait to be tried;
    `n_extra`: those that were begun already. They come on top of what the search would try by itself.
    `resumed`: candidates are of an earlier process, so that in this one the blend need not have been watched yet.
    """

    seconds_left: float | None
    next_number: int
    n_queued: int
    n_slots: int
    cap: int | None
    candidates: int | None = None
    tried: tuple[Tried, ...] = ()
    standings: tuple[BlendStanding, ...] = ()
    n_asked_for: int = 0
    n_extra: int = 0
    resumed: bool = False


@dataclass(frozen=True)
class Start:
    """Start the next candidate; it may take this long, None as long as it takes."""

    seconds: float | None


@dataclass(frozen=True)
class Wait:
    """Nothing to do before something under way ends."""


@dataclass(frozen=True)
class End:
    """No further candidate is to be tried, and why; what is under way may go on to its end."""

    reason: Message


Action = Start | Wait | End


def decide(now: Situation) -> Action:
    """Say what a search with a free slot does next.

    >>> decide(Situation(seconds_left=50.0, next_number=0, n_queued=9, n_slots=2, cap=20))
    Start(seconds=20.0)
    """
    if now.next_number == 0:
        return Start(_allotted(now))  # the baseline: a stop at once still leaves a model
    if now.candidates is not None:
        return _counted(now, now.candidates)
    return _timed(now)


def _counted(now: Situation, candidates: int) -> Action:
    if now.next_number > candidates + now.n_extra and not now.n_asked_for:
        return End(ALL_TRIED(n_candidates=candidates + now.n_extra))
    ended = {tried.number for tried in now.tried}
    due = range(now.next_number - LAG + 1)
    return Start(None) if all(number in ended for number in due) else Wait()


def _timed(now: Situation) -> Action:
    assert now.seconds_left is not None
    searching = now.cap is not None and not now.n_asked_for
    if searching and _is_perfect(now.tried):
        return End(PERFECT_ALREADY())
    if searching and _are_enough(now):
        return End(ENOUGH(n_candidates=now.next_number - 1))
    if now.seconds_left <= shortest_seconds(now.tried):
        return End(TIME_IS_UP())
    waited = _without_gain(now.standings)
    if searching and not now.n_queued and waited:
        return End(NOTHING_TO_GAIN(n_candidates=waited))
    return Start(_allotted(now))


def _is_perfect(tried: Sequence[Tried]) -> bool:
    """Say whether some candidate is right everywhere; measured by the baseline, because losses can have any unit."""
    baseline = next((each.loss for each in tried if each.number == 0 and each.loss is not None), None)
    # However good, what no file has room for makes no model.
    losses = [each.loss for each in tried if each.number and each.loss is not None and each.load <= 1]
    return baseline is not None and any(loss <= PERFECT * baseline for loss in losses)


def first_stage(cap: int) -> int:
    """Return after how many candidates a first choice is made: of what other tables teach, or what the rows tell apart.

    Before it no search ends because its rows are few: what other tables have chosen is no luck of this one.

    >>> first_stage(8), first_stage(40)
    (18, 40)
    """
    return max(MOST_POINTS, cap)


def shortest_seconds(tried: Sequence[Tried]) -> float:
    """Return the time below which it is not worth starting a candidate."""
    usual = [each.whole_seconds for each in tried if each.loss is not None and each.number]
    return max(SHORTEST_TRIAL_SECONDS, WORTH_STARTING * median(usual) if usual else 0.0)


def _allotted(now: Situation) -> float | None:
    """Return the most time for one candidate: a share of what is left while others wait for their turn."""
    if now.seconds_left is None:
        return None
    share = LARGEST_SHARE if now.n_queued > now.n_slots else LARGEST_SHARE_SEARCHED
    has_learnt = any(each.number and each.loss is not None for each in now.tried)
    least = SHORTEST_TRIAL_SECONDS if has_learnt else min(FIRST_MODEL_SECONDS, now.seconds_left)
    return max(SHORTEST_TRIAL_SECONDS, least, share * now.seconds_left)


def _are_enough(now: Situation) -> bool:
    """Say whether the table can tell no more candidates apart, and what came last made no clear difference."""
    return (
        now.cap is not None
        and now.next_number > first_stage(now.cap) + now.n_extra
        and not _is_clearly_gaining(now, max(NO_GAIN, CLEAR_GAIN_TIMES_CAP / now.cap))
    )


def _is_clearly_gaining(now: Situation, clear_gain: float) -> bool:
    """Say whether the last candidates helped so much; yes while the blend was not watched for as many of them.

    Where the time was too short to watch any, that is no reason to go on.
    """
    if not now.standings:
        return now.resumed and now.seconds_left is not None and now.seconds_left > LEAST_SECONDS_TO_WATCH
    last = now.standings[-1]
    before = [each for each in now.standings if each.n_candidates <= last.n_candidates - PATIENCE]
    return not before or before[-1].loss - last.loss > clear_gain * before[-1].loss


def _without_gain(standings: Sequence[BlendStanding]) -> int:
    """Return how many candidates brought nothing, once that is reason enough to end; else 0."""
    if len(standings) < 2:
        return 0
    last = standings[-1]
    waited = max(PATIENCE, round(PATIENCE_SHARE * last.n_candidates))
    before = [each for each in standings if each.n_candidates <= last.n_candidates - waited]
    if not before or before[-1].loss - last.loss > NO_GAIN * before[-1].loss:
        return 0
    return last.n_candidates - before[-1].n_candidates
