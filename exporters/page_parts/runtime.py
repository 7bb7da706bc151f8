"""The part of onnxruntime-web that a page carries: found on this computer, and never fetched unasked.

`python -m exporters.page_parts.runtime` fetches it, with npm.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import InputError
from engine.messages import Message, phrase, render

VERSION = "1.30.0"
PACKAGE = f"onnxruntime-web@{VERSION}"
TARBALL = f"onnxruntime-web-{VERSION}.tgz"
FOLDER = "TABLEWRIGHT_PAGE_RUNTIME"
LIBRARY, LOADER, ENGINE = "ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"
SUMS = {
    LIBRARY: "faece07e84faa9001f5104bbe4e5c70861d06cb2376a0dea1fa0ad33a67adc81",
    LOADER: "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    ENGINE: "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
UNPACKED = ("package/dist", "dist", "node_modules/onnxruntime-web/dist", ".")

LACKING = phrase(
    "page_runtime_lacking",
    "A page carries onnxruntime-web {version} inside it, and that is not on this computer.",
    "Fetch it once, with npm (it comes with Node.js), and export again: {command}",
)
CHANGED = phrase(
    "page_runtime_changed",
    "The file {file} in {place} is not the one of onnxruntime-web {version}.",
    "Delete it and fetch it again: {command}",
)
NO_NPM = phrase(
    "page_runtime_no_npm",
    "npm, which fetches onnxruntime-web, is not on this computer or could not do it: {reason}.",
    "Install Node.js, or put {file} from the npm registry into {folder}.",
)


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The scripts of onnxruntime-web, and its WebAssembly packed as `packed` does."""

    library: str
    loader: bytes
    engine: str


def folder() -> Path:
    """Return where the runtime is looked for: the folder that TABLEWRIGHT_PAGE_RUNTIME names, or the usual one."""
    from platformdirs import user_data_path

    chosen = os.environ.get(FOLDER, "")
    return Path(chosen).expanduser() if chosen else user_data_path("tablewright", appauthor=False) / "page-runtime"


def command() -> str:
    """Return the command that brings the runtime to where it is looked for."""
    return f'npm pack {PACKAGE} --pack-destination "{folder()}"'


def lacking() -> Message | None:
    """Say what this computer lacks for a page, and how to get it; None where nothing is lacking.

    The folder for it is made then, because npm does not make it.
    """
    place = folder()
    unpacked = any(all((place / each / file).is_file() for file in SUMS) for each in UNPACKED)
    if unpacked or (place / TARBALL).is_file():
        return None
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
    return LACKING(version=VERSION, command=command())


def runtime() -> Runtime:
    """Read the runtime from its folder; raises InputError when it is not there or not what it should be."""
    lack = lacking()
    if lack is not None:
        raise InputError(lack)
    return _read(folder())


def fetch() -> None:
    """Fetch the runtime with npm, where it is not there yet; raises InputError when that fails."""
    if lacking() is None:
        return
    place, npm = folder(), shutil.which("npm")
    place.mkdir(parents=True, exist_ok=True)
    told = {"file": TARBALL, "folder": str(place)}
    if npm is None:
        raise InputError(NO_NPM(reason="it was not found", **told))
    with tempfile.TemporaryDirectory(dir=place) as room:
        words = [npm, "pack", PACKAGE, "--pack-destination", room, "--silent"]
        done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode != 0:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1].rstrip(".")
            raise InputError(NO_NPM(reason=reason, **told))
        (Path(room) / TARBALL).replace(place / TARBALL)


def packed(content: bytes) -> str:
    """Return bytes as text for a page: gzipped, always in the same way, and in base64.

    >>> import gzip
    >>> gzip.decompress(base64.b64decode(packed(b"model")))
    b'model'
    """
    squeeze = zlib.compressobj(level=9, wbits=31)  # the header of gzip, without a time in it
    return base64.b64encode(squeeze.compress(content) + squeeze.flush()).decode("ascii")


@cache
def _read(place: Path) -> Runtime:
    files = _files(place)
    library = files[LIBRARY].decode("utf-8").partition("//# sourceMappingURL")[0]
    return Runtime(library=library, loader=files[LOADER], engine=packed(files[ENGINE]))


def _files(place: Path) -> dict[str, bytes]:
    candidates = {file: [place / each / file for each in UNPACKED] for file in SUMS}
    unpacked = {file: path for file, paths in candidates.items() for path in paths[::-1] if path.is_file()}
    files = {} if len(unpacked) == len(SUMS) else _from_tarball(place / TARBALL)
    files.update({file: path.read_bytes() for file, path in unpacked.items()})
    for file, told in SUMS.items():
        if hashlib.sha256(files.get(file, b"")).hexdigest() != told:
            name = file if file in unpacked else TARBALL
            raise InputError(CHANGED(file=name, place=str(place), version=VERSION, command=command()))
    return files


def _from_tarball(tarball: Path) -> dict[str, bytes]:
    """Return the files of the package, read in one go; those behind damage, or that it does not hold, are left out."""
    wanted = {f"package/dist/{file}": file for file in SUMS}
    found: dict[str, bytes] = {}
    with suppress(tarfile.TarError, OSError, EOFError, zlib.error), tarfile.open(tarball, "r|gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name in wanted else None
            if content is not None:
                found[wanted[member.name]] = content.read()
            if len(found) == len(wanted):
                break
    return found


if __name__ == "__main__":
    try:
        fetch()
    except InputError as refused:
        sys.exit(render(refused.message))
