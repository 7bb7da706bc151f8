"""The tables of the workspace's database, as they are at the newest revision."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

REVISION = "0005"  # the newest file in migrations/versions; a test holds the two together

METADATA = MetaData()

DATASETS = Table(
    "datasets",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("name", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("n_rows", Integer, nullable=False),
    Column("n_columns", Integer, nullable=False),
    Column("created_at", Float, nullable=False),  # seconds since 1970, UTC, everywhere
    Index("datasets_by_owner", "owner", "created_at"),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("dataset_id", String(32), nullable=False),
    Column("config", Text, nullable=False),  # JSON
    Column("command", String(16), nullable=False, server_default="continue"),
    Column("launched_at", Float, nullable=True),
    Column("deleted_at", Float, nullable=True),  # revision 0002: deleting can be undone
    Column("notes", Text, nullable=False, server_default=""),  # revision 0003, down to `queued_at`
    Column("tags", Text, nullable=False, server_default="[]"),  # JSON
    Column("added_seconds", Float, nullable=False, server_default="0"),  # to the budget, while the run was under way
    Column("queued_at", Float, nullable=True),  # since when it waits for room; empty when it does not
    Column("held_by", String(255), nullable=True),  # revision 0005, down to `n_takeovers`: see `storage/leases.py`
    Column("held_until", Float, nullable=True),  # by the clock of the database
    Column("n_takeovers", Integer, nullable=False, server_default="0"),  # since somebody last asked for the run
    Index("runs_by_owner", "owner", "created_at"),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("run_id", String(32), ForeignKey("runs.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("written_at", Float, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),  # JSON
)

PEOPLE = Table(
    "people",
    METADATA,
    Column("name", String(255), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("added_at", Float, nullable=False),
)

PROJECTS = Table(
    "projects",
    METADATA,
    Column("id", String(32), primary_key=True),  # what the log says: a name may be nobody's business later
    Column("name", String(255), nullable=False, unique=True),
    Column("owner", String(255), nullable=False),
    Column("created_at", Float, nullable=False),
)

MEMBERS = Table(
    "members",
    METADATA,
    Column("project", String(255), primary_key=True),
    Column("person", String(255), primary_key=True),
    Column("role", String(16), nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("person", String(255), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(255), nullable=False),
    sqlite_autoincrement=True,
)
