"""The report as a PDF, printed by the browser of this computer."""

import re
import subprocess
import tempfile
from datetime import UTC
from pathlib import Path

from engine.errors import InputError, WorkspaceError
from engine.messages import Message, phrase
from engine.whole_files import write_whole
from exporters import report
from exporters.exporter import Exporter, Source
from exporters.installed_browser import QUIET, find_browser, without_sandbox

PDF_FILE = "report.pdf"
PRINTING_SECONDS = 60.0
DATES = re.compile(rb"/(CreationDate|ModDate) \(D:(\d{14})")
NO_PRINTER = phrase(
    "report_no_browser",
    "A PDF is printed by Chromium, Chrome or Edge, and none of them was found on this computer.",
    "Take the report as a page and print it from any browser; or name a browser in TABLEWRIGHT_BROWSER.",
)
NOT_PRINTED = phrase(
    "report_not_printed",
    "The browser {browser} could not print the report: {reason}.",
    "Take the report as a page and print it from any browser.",
)


def lacking() -> Message | None:
    """Say that there is no browser to print with; None where there is one."""
    return NO_PRINTER() if find_browser() is None else None


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write the report as a page, print it, and keep the print alone."""
    browser = find_browser()
    if browser is None:
        raise InputError(NO_PRINTER())
    with tempfile.TemporaryDirectory() as aside:
        page, *_ = report.write(source, Path(aside))
        printed = Path(aside) / PDF_FILE
        _print(browser, page, printed, Path(aside) / "profile")
        content = printed.read_bytes()
    moment = source.created_at.astimezone(UTC).strftime("%Y%m%d%H%M%S").encode()
    path = folder / PDF_FILE
    write_whole(path, DATES.sub(lambda found: b"/%s (D:%s" % (found[1], moment), content))
    return (path,)


def _print(browser: str, page: Path, printed: Path, profile: Path) -> None:
    command = [browser, "--headless", "--disable-gpu", *QUIET, *without_sandbox(), f"--user-data-dir={profile}"]
    asked = [*command, f"--print-to-pdf={printed}", "--no-pdf-header-footer", page.as_uri()]
    try:
        ended = subprocess.run(asked, capture_output=True, timeout=PRINTING_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise WorkspaceError(NOT_PRINTED(browser=browser, reason=str(problem).rstrip("."))) from problem
    if not printed.is_file():
        raise WorkspaceError(NOT_PRINTED(browser=browser, reason=f"it ended with code {ended.returncode}"))


REPORT_PDF = Exporter(
    key="report-pdf",
    title="Report as PDF",
    summary="The same report on pages of paper, to send and to keep.",
    write=write,
    lacks=lacking,
)
