"""`python -m tests.faults`: the whole fault suite, with every test that the list of faults names."""

import os
import sys

import pytest

from tests.faults.faults import FAULTS


def main() -> int:
    """Run all of it; returns the exit code of pytest."""
    os.environ["TABLEWRIGHT_FAULTS"] = "all"
    named = dict.fromkeys(test for fault in FAULTS for test in fault.tests if not test.startswith("tests/faults/"))
    return int(pytest.main(["tests/faults", *named, *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
