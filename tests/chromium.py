"""The Chromium of this computer: `python -m tests.chromium` finds or installs it, or says that there is none."""

import os
import shutil
import subprocess
import sys

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
MISSING = "No Chromium was found. Install it (Debian: apt-get install chromium) or set CHROMIUM=/its/path."


def chromium() -> str:
    """Return a Chromium that is installed; on Debian install it where that needs no questions.

    Raises LookupError, saying what to do, where there is none.
    """
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    as_root = rooted()
    if found is None and shutil.which("apt-get") and as_root is not None:
        quiet = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*quiet, "update"], check=True)
        packages = ["chromium", "fonts-dejavu-core"]
        subprocess.run([*quiet, "install", "-y", "--no-install-recommends", *packages], check=True)
        found = shutil.which("chromium")
    if found is None:
        raise LookupError(MISSING)
    return found


def rooted() -> list[str] | None:
    """Return what to put before a command so that it runs as root; None where that would need a password."""
    if not hasattr(os, "geteuid"):
        return None
    if os.geteuid() == 0:
        return []
    asked = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked and asked.returncode == 0 else None


if __name__ == "__main__":
    try:
        chromium()
    except LookupError as lacking:
        sys.exit(str(lacking))
