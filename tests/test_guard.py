"""Guarded processes: whatever happens inside comes back as a typed error, and everything else goes on."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.errors import (
    ConfigError,
    TargetError,
    TrialCrashError,
    TrialError,
    TrialMemoryError,
    TrialTimeoutError,
)
from engine.messages import phrase
from engine.search.guard import START_METHODS, GuardedCall, reap_strays, start_method, warm_up

LONG = 60.0  # never reached: only so that a defect ends as a failed test
KNOWN = phrase("test_guard_known", "The target {target} is odd.")


@pytest.fixture(
    params=[each for each in START_METHODS if each in multiprocessing.get_all_start_methods()], autouse=True
)
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TABLEWRIGHT_START_METHOD", request.param)
    return str(request.param)


def begin(
    function: Callable[..., object],
    *arguments: object,
    seconds: float | None = None,
    megabytes: int | None = None,
    record: Path | None = None,
) -> GuardedCall:
    limit = None if megabytes is None else megabytes * 1_000_000
    return GuardedCall.start(function, arguments, deadline_seconds=seconds, memory_bytes=limit, record=record)


def error_of(call: GuardedCall) -> TrialError:
    outcome = call.wait(LONG)
    assert outcome is not None
    assert outcome.value is None
    assert isinstance(outcome.error, TrialError)
    return outcome.error


def double(value: int) -> int:
    return 2 * value


def hang_with_the_gil() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")


def end_by_signal(number: int) -> None:
    os.kill(os.getpid(), number)


def leave() -> None:
    sys.exit(3)


def hoard(megabytes: int) -> None:
    kept: list[bytes] = []
    while len(kept) < megabytes:
        kept.append(os.urandom(1_000_000))
        time.sleep(0.001)
    time.sleep(LONG)


def have_a_child_hoard() -> None:
    code = f"import os, time; kept = os.urandom(400_000_000); time.sleep({LONG})"
    subprocess.run([sys.executable, "-c", code], check=True)


def make_a_function() -> object:
    return lambda: 1


def raise_a_common_error() -> None:
    raise ValueError("first line\nsecond line")


def raise_a_known_error() -> None:
    raise TargetError(KNOWN(target="price"))


def sleep_and_answer(seconds: float) -> int:
    time.sleep(seconds)
    return 1


def print_much() -> None:
    print("noise")


def test_a_value_comes_back_with_its_seconds_and_memory() -> None:
    outcome = begin(double, 21).wait(LONG)
    assert outcome is not None
    assert outcome.value == 42
    assert outcome.error is None
    assert 0 < outcome.seconds < LONG
    assert outcome.peak_memory_bytes > 1_000_000


def test_a_hang_that_holds_the_interpreter_is_stopped_at_the_deadline() -> None:
    call = begin(hang_with_the_gil, seconds=1.5)
    process = call._memory.process
    assert process is not None
    error = error_of(call)
    assert isinstance(error, TrialTimeoutError)
    assert float(error.message.parameters["seconds"]) >= 1.5
    assert not psutil.pid_exists(process.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
@pytest.mark.parametrize("number", ["SIGKILL", "SIGSEGV"])
def test_a_killed_process_is_a_crash(number: str) -> None:
    error = error_of(begin(end_by_signal, int(signal.Signals[number])))
    assert isinstance(error, TrialCrashError)
    assert error.message.parameters["signal"] == number


def test_a_process_that_leaves_is_a_crash() -> None:
    error = error_of(begin(leave))
    assert isinstance(error, TrialCrashError)
    assert error.message.parameters["code"] == 3


@pytest.mark.parametrize("hungry", [(hoard, 2_000), (have_a_child_hoard,)])
def test_too_much_memory_is_stopped(hungry: tuple[Callable[..., None], *tuple[int, ...]]) -> None:
    error = error_of(begin(*hungry, megabytes=300))
    assert isinstance(error, TrialMemoryError)
    assert int(error.message.parameters["megabytes"]) >= 300  # rounded down
    assert error.message.parameters["limit"] == 300


def test_a_result_that_cannot_be_sent_is_an_error() -> None:
    assert error_of(begin(make_a_function)).message.code == "trial_unsendable"


def test_any_exception_comes_back_in_words_with_its_traceback() -> None:
    outcome = begin(raise_a_common_error).wait(LONG)
    assert outcome is not None
    assert "ValueError: first line." in str(outcome.error)
    assert "second line" not in str(outcome.error)
    assert "raise_a_common_error" in outcome.traceback


def test_an_error_of_ours_comes_back_as_itself() -> None:
    outcome = begin(raise_a_known_error).wait(LONG)
    assert outcome is not None
    assert type(outcome.error) is TargetError
    assert outcome.error.message == KNOWN(target="price")


def test_others_go_on_while_one_dies() -> None:
    calls = [begin(sleep_and_answer, 0.2), begin(end_by_signal, int(signal.SIGTERM)), begin(double, 4)]
    outcomes = [call.wait(LONG) for call in calls]
    assert [outcome.value for outcome in outcomes if outcome] == [1, None, 8]


def test_a_pause_does_not_count() -> None:
    call = begin(sleep_and_answer, 0.5, seconds=LONG)
    call.pause()
    before = call.seconds
    assert call.wait(0.7) is None
    assert call.poll() is None
    assert call.seconds == before
    call.resume()
    outcome = call.wait(LONG)
    assert outcome is not None
    assert outcome.value == 1


def test_a_paused_process_stands_still_and_its_deadline_too() -> None:
    call = begin(hang_with_the_gil, seconds=1.0)
    call.pause()
    process = call._memory.process
    assert process is not None
    while process.status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)
    used = sum(process.cpu_times()[:2])
    assert call.wait(1.2) is None
    assert sum(process.cpu_times()[:2]) == used
    call.resume()
    assert isinstance(error_of(call), TrialTimeoutError)


def test_killing_ends_it_at_once_and_keeps_an_earlier_outcome() -> None:
    call = begin(sleep_and_answer, LONG)
    call.kill()
    assert error_of(call).message.code == "trial_stopped"
    done = begin(double, 1)
    outcome = done.wait(LONG)
    done.kill()
    assert done.poll() is outcome


def test_the_note_of_a_process_is_gone_when_it_is(tmp_path: Path) -> None:
    call = begin(sleep_and_answer, LONG, record=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    call.kill()
    assert list(tmp_path.iterdir()) == []


def test_strays_are_killed_and_strangers_are_not(tmp_path: Path) -> None:
    call = begin(sleep_and_answer, LONG, record=tmp_path)
    stranger = {"process_id": os.getpid(), "began": psutil.Process().create_time() - 500}
    (tmp_path / "1.process.json").write_text(json.dumps(stranger))
    (tmp_path / "2.process.json").write_text('{"process_id"')
    assert reap_strays(tmp_path) == 1
    assert isinstance(error_of(call), TrialCrashError)
    assert list(tmp_path.iterdir()) == []


PARENT = """
import sys, pathlib
sys.path.insert(0, {tests!r})
from engine.search import guard
from engine.search.guard import GuardedCall
import test_guard
guard._APART_SECONDS = 30.0  # a busy computer may take long to start a process; this is not about that
if __name__ == "__main__":
    hang = GuardedCall.start(test_guard.hang_with_the_gil, (), deadline_seconds=None, memory_bytes=None)
    rest = GuardedCall.start(test_guard.sleep_and_answer, (60,), deadline_seconds=None, memory_bytes=None)
    hang.wait(2)
    rest.pause()
    fresh = GuardedCall.start(test_guard.sleep_and_answer, (60,), deadline_seconds=None, memory_bytes=None)
    fresh.pause()
    print(*(each._memory.process.pid for each in (hang, rest, fresh)), flush=True)
    hang.wait(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a hang that holds the interpreter waits for reap_strays")
def test_children_die_with_their_parent_even_hanging_or_paused(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(tests=str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [psutil.Process(int(number)) for number in parent.stdout.readline().split()]
        parent.kill()
    assert len(children) == 3
    _, alive = psutil.wait_procs(children, timeout=LONG)
    assert not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


ORPHAN = """
import multiprocessing, os, threading
from types import SimpleNamespace
from engine.search import child
reader, writer = os.pipe()
os.close(writer)
multiprocessing.parent_process = lambda: SimpleNamespace(sentinel=reader)
threading.Thread.start = lambda thread: None  # as where native code holds the interpreter from the first moment
child._stand_apart()
os.write(2, b"still here")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a pipe cannot be waited for")
def test_a_child_ends_whose_parent_died_before_it_began() -> None:
    ended = subprocess.run([sys.executable, "-c", ORPHAN], stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_what_a_library_prints_stays_off_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    begin(print_much).wait(LONG)
    assert "noise" not in capfd.readouterr().out


def test_what_a_library_prints_goes_where_errors_go_now(tmp_path: Path) -> None:
    before, log = os.dup(2), tmp_path / "log"
    with log.open("wb") as said:
        os.dup2(said.fileno(), 2)
        try:
            begin(print_much).wait(LONG)
        finally:
            os.dup2(before, 2)
            os.close(before)
    assert "noise" in log.read_text(encoding="utf-8")


def count_threads_of_libraries() -> list[int]:
    import sklearn.utils._openmp_helpers  # noqa: F401 - loads OpenMP, as most families do
    from threadpoolctl import threadpool_info

    return [int(library["num_threads"]) for library in threadpool_info()]


def test_a_library_takes_one_thread_unless_it_is_given_more() -> None:
    outcome = begin(count_threads_of_libraries).wait(LONG)
    assert outcome is not None
    assert outcome.value, outcome.error
    assert set(outcome.value) == {1}


def test_an_unknown_way_of_starting_says_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_START_METHOD", "teleport")
    with pytest.raises(ConfigError, match="spawn"):
        start_method()


def test_warming_up_passes_over_what_is_not_installed() -> None:
    warm_up(("json", "no_such_module_anywhere"))
    outcome = begin(double, 3).wait(LONG)
    assert outcome is not None
    assert outcome.value == 6
