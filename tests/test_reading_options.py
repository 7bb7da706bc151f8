"""What a person says about a file that cannot be is refused in words, whatever kind of file it is."""

from pathlib import Path

import pytest

from engine.errors import TableError
from engine.table.options import ReadingOptions
from engine.table.reading import read_raw
from tests.tables import write


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (ReadingOptions(encoding="idna"), "table_unknown_encoding"),
        (ReadingOptions(encoding="undefined"), "table_unknown_encoding"),
        (ReadingOptions(n_skipped_rows=-3), "reading_wrong_skipped_rows"),
        (ReadingOptions(n_header_rows=-1), "reading_wrong_header_rows"),
        (ReadingOptions(n_header_rows=9), "reading_wrong_header_rows"),
        (ReadingOptions(table=0), "reading_wrong_table"),
    ],
)
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, options: ReadingOptions, code: str) -> None:
    with pytest.raises(TableError) as caught:
        read_raw(write(tmp_path, "id;name\n1;a\n2;b\n", "t.csv"), options)
    assert caught.value.message.code == code
