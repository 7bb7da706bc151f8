"""What the names of files end in that can be read as tables. What a file is decides all the same: names lie."""

TEXT = (".csv", ".tsv", ".txt", ".tab", ".psv", ".dat", ".data")
WORKBOOK = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
PARQUET = (".parquet", ".pq")
ARROW = (".feather", ".arrow", ".arrows", ".ipc")
JSON = (".json", ".jsonl", ".ndjson", ".geojson")
SQLITE = (".sqlite", ".sqlite3", ".db", ".db3")
PACKED = (".gz", ".zip", ".bz2", ".xz")
SUFFIXES = frozenset((*TEXT, *WORKBOOK, *PARQUET, *ARROW, *JSON, *SQLITE, *PACKED))
