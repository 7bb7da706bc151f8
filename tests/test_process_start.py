"""When a process began is known to a hundredth of a second: a run of ten seconds has no second to give away."""

import subprocess
import sys
import time

TICK_SECONDS = 0.02  # Linux notes it in hundredths of a second
ASK = "from app.process_start import process_began; print(process_began())"


def test_a_process_began_neither_before_it_was_started_nor_after_it_answered() -> None:
    for _ in range(3):
        before = time.time()
        told = float(subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout)
        assert before - TICK_SECONDS <= told <= time.time()
        time.sleep(0.3)  # another part of a second
