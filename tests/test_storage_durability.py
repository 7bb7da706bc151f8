"""What was acknowledged survives kill -9, again and again."""

import subprocess
import sys
from pathlib import Path

from engine.config import ExperimentConfig
from engine.events import StageStarted
from storage.workspace import open_workspace

KILLS = 4
ACKNOWLEDGED = 40  # events per writer before it is killed

WRITER = """
import sys
from pathlib import Path
from engine.events import StageStarted
from storage.workspace import open_workspace

runs = open_workspace(Path(sys.argv[1])).runs
n = 0
while True:
    runs.append(sys.argv[2], StageStarted(seconds=float(n), stage=sys.argv[3]))
    print(n, flush=True)
    n += 1
"""


def test_no_acknowledged_event_is_lost_when_its_writer_is_killed(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        run_id = place.runs.create(owner="ada", name="n", dataset_id="d", config=ExperimentConfig())
        acknowledged: list[tuple[str, float]] = []
        for round_number in range(KILLS):
            name = f"writer{round_number}"
            command = [sys.executable, "-c", WRITER, str(tmp_path), run_id, name]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
                assert writer.stdout is not None
                heard = [writer.stdout.readline() for _ in range(ACKNOWLEDGED)]
                writer.kill()  # in the middle of writing the next ones
                heard += writer.stdout.readlines()
            # the last line may have been cut off in the pipe: then it was not acknowledged
            acknowledged += [(name, float(line)) for line in heard if line.endswith("\n")]
        kept = place.runs.events(run_id)
        written = [(event.stage, event.seconds) for _, event in kept if isinstance(event, StageStarted)]
    assert len(acknowledged) >= KILLS * ACKNOWLEDGED
    assert set(acknowledged) <= set(written)
    assert len(written) == len(set(written))
    assert [number for number, _ in kept] == list(range(1, len(kept) + 1))
