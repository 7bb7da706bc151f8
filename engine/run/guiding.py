"""Opens a search to what a person asks of it while it goes on."""

from engine.events import Request, RequestAnswered, SearchOpened
from engine.messages import Message
from engine.progress import fold
from engine.requests import parameters_of_candidate, request_problem
from engine.run.process import RunProcess
from engine.search.guided import Guided
from engine.search.proposals import Proposer


def open_search(process: RunProcess, proposer: Proposer | None) -> Guided | None:
    """Say what can be asked of the search, and return what listens to it.

    `proposer`: None where nothing is searched; then nothing can be asked. Requests are kept by whoever gives them; here
    they are only remembered beside what happened.
    """
    if proposer is None:
        process.say(SearchOpened, options={})
        return None
    before = fold(process.events)
    process.say(SearchOpened, options=proposer.options)

    def judge(request: Request) -> Message | None:
        problem = request_problem(request, fold(process.events))
        process.events.append(request)
        return problem

    def answer(request: str, number: int, problem: Message | None) -> None:
        process.say(RequestAnswered, request=request, before=number, problem=problem)

    return Guided(
        proposer=proposer,
        asked=process.around.requests,
        judge=judge,
        answer=answer,
        point_of=lambda number: parameters_of_candidate(fold(process.events), number),
        answers=before.answers,
        begun=before.begun,
    )
