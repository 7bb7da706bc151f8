"""What an administrator settles, addresses and limits: the environment first, then the workspace's `settings.toml`."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from engine.errors import WorkspaceError
from engine.messages import phrase

SETTINGS_FILE = "settings.toml"
NO_MIRROR = "off"
WEB_ON = "on"
ON_WORKERS = "workers"
BAD_SETTINGS = phrase(
    "settings_unreadable",
    "The settings file {path} cannot be read: {reason}.",
    'Write one line for each setting, such as mlflow = "http://server:5000", or delete the file.',
)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One address, or a switch. `key` is its name in `settings.toml`; an empty default: inside the workspace folder.

    `is_secret`: it is taken from the environment alone and never shown.
    """

    key: str
    variable: str
    default: str
    sentence: str
    is_secret: bool = False

    def value(self, folder: Path | None = None) -> str:
        """Return what the environment says, else what the workspace's settings file says, else the default."""
        chosen = os.environ.get(self.variable, "")
        if not chosen and folder is not None and not self.is_secret:
            chosen = _settings_file(folder).get(self.key, "")
        return chosen or self.default


WORKSPACE = Setting(
    key="workspace",
    variable="TABLEWRIGHT_WORKSPACE",
    default="",
    sentence="The folder of the workspace; empty takes the usual place for a person's data on this system.",
)
DATABASE = Setting(
    key="database",
    variable="TABLEWRIGHT_DATABASE",
    default="",
    sentence="Where runs and events are kept, as an SQLAlchemy address; empty is SQLite in the workspace folder.",
)
ARTIFACTS = Setting(
    key="artifacts",
    variable="TABLEWRIGHT_ARTIFACTS",
    default="",
    sentence="Where the files of runs are kept, as an fsspec address such as s3://bucket/folder; empty is the folder.",
)
MLFLOW = Setting(
    key="mlflow",
    variable="TABLEWRIGHT_MLFLOW",
    default="",
    sentence="The MLflow address that runs are mirrored to; empty is SQLite in the workspace folder, off is nowhere.",
)
WEB = Setting(
    key="web",
    variable="TABLEWRIGHT_WEB",
    default="off",
    sentence="Whether a table may be fetched from a web address: on or off.",
)
LOG = Setting(
    key="log",
    variable="TABLEWRIGHT_LOG",
    default="",
    sentence="What the programs say of themselves: json is one JSON object for each event, text the same to read.",
)
EXECUTOR = Setting(
    key="executor",
    variable="TABLEWRIGHT_EXECUTOR",
    default="",
    sentence="Where candidates are trained: here, processes:N, or a cluster as dask://host:port; empty is here.",
)
TRAIN_ON = Setting(
    key="train_on",
    variable="TABLEWRIGHT_TRAIN_ON",
    default="here",
    sentence="Who trains the runs that are started in the app: here, or workers, which are started on any computer.",
)
LEASE_SECONDS = Setting(
    key="lease_seconds",
    variable="TABLEWRIGHT_LEASE_SECONDS",
    default="30",
    sentence="After how many seconds without a sign of life a worker on another computer counts as dead.",
)
SIGN_IN = Setting(
    key="sign_in",
    variable="TABLEWRIGHT_SIGN_IN",
    default="off",
    sentence="How people of a team sign in: off, oidc (an identity provider) or header (a proxy that knows who asks).",
)
ADDRESS = Setting(
    key="address",
    variable="TABLEWRIGHT_ADDRESS",
    default="",
    sentence="Where a team reaches the app, such as https://tables.example.org; other host names are refused.",
)
LISTEN = Setting(
    key="listen",
    variable="TABLEWRIGHT_LISTEN",
    default="127.0.0.1",
    sentence="The address of this computer at which the app listens; others than 127.0.0.1 only with sign-in.",
)
ADMINS = Setting(
    key="admins",
    variable="TABLEWRIGHT_ADMINS",
    default="",
    sentence="Who are administrators from the start, separated by commas.",
)
USER_HEADER = Setting(
    key="user_header",
    variable="TABLEWRIGHT_USER_HEADER",
    default="x-forwarded-user",
    sentence="With sign-in by header: the header in which the proxy says who asks.",
)
PROXIES = Setting(
    key="proxies",
    variable="TABLEWRIGHT_PROXIES",
    default="",
    sentence="With sign-in by header: the addresses of the proxies that are believed, separated by commas.",
)
OIDC_PROVIDER = Setting(
    key="oidc_provider",
    variable="TABLEWRIGHT_OIDC_PROVIDER",
    default="",
    sentence="With oidc: the address of the provider's description, ending in .well-known/openid-configuration.",
)
OIDC_CLIENT = Setting(
    key="oidc_client",
    variable="TABLEWRIGHT_OIDC_CLIENT",
    default="",
    sentence="With oidc: the name by which the provider knows this app.",
)
OIDC_SECRET = Setting(
    key="oidc_secret",
    variable="TABLEWRIGHT_OIDC_SECRET",
    default="",
    sentence="With oidc: the secret of this app at the provider; from the environment only.",
    is_secret=True,
)
COOKIE_SECRET = Setting(
    key="cookie_secret",
    variable="TABLEWRIGHT_COOKIE_SECRET",
    default="",
    sentence="With oidc: at least 32 random letters that sign who has signed in; from the environment only.",
    is_secret=True,
)
MOST_ROWS = Setting(
    key="most_rows",
    variable="TABLEWRIGHT_MOST_ROWS",
    default="",
    sentence="How many rows a table may have to be trained on; empty is no limit of its own.",
)
MOST_CANDIDATES = Setting(
    key="most_candidates",
    variable="TABLEWRIGHT_MOST_CANDIDATES",
    default="",
    sentence="How many candidates a run may be asked for; empty is no limit of its own.",
)
MOST_MEMORY_GB = Setting(
    key="most_memory_gb",
    variable="TABLEWRIGHT_MOST_MEMORY_GB",
    default="",
    sentence="How much memory the candidates of one run may take together, in GB; empty is what is free.",
)
TABLE_MEMORY_GB = Setting(
    key="table_memory_gb",
    variable="TABLEWRIGHT_TABLE_MEMORY_GB",
    default="",
    sentence="How much memory a table may take, in GB; one that takes more stays on disk, and a sample is worked with.",
)
MOST_DISK_GB = Setting(
    key="most_disk_gb",
    variable="TABLEWRIGHT_MOST_DISK_GB",
    default="",
    sentence="How large the workspace may become before no new run starts, in GB; empty is what the disk holds.",
)
LEAST_FREE_GB = Setting(
    key="least_free_gb",
    variable="TABLEWRIGHT_LEAST_FREE_GB",
    default="0.5",
    sentence="With less free disk than this, in GB, runs end and keep their best.",
)
KEEP_PREDICTIONS = Setting(
    key="keep_predictions",
    variable="TABLEWRIGHT_KEEP_PREDICTIONS",
    default="20",
    sentence="How many predictions and exports a run keeps, the newest; older ones go, and can be made again.",
)
SETTINGS = (
    WORKSPACE,
    DATABASE,
    ARTIFACTS,
    MLFLOW,
    WEB,
    LOG,
    EXECUTOR,
    TRAIN_ON,
    LEASE_SECONDS,
    SIGN_IN,
    ADDRESS,
    LISTEN,
    ADMINS,
    USER_HEADER,
    PROXIES,
    OIDC_PROVIDER,
    OIDC_CLIENT,
    OIDC_SECRET,
    COOKIE_SECRET,
    MOST_ROWS,
    MOST_CANDIDATES,
    MOST_MEMORY_GB,
    TABLE_MEMORY_GB,
    MOST_DISK_GB,
    LEAST_FREE_GB,
    KEEP_PREDICTIONS,
)


def _settings_file(folder: Path) -> dict[str, str]:
    path = folder / SETTINGS_FILE
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise WorkspaceError(BAD_SETTINGS(path=str(path), reason=str(problem).rstrip("."))) from problem
    return {key: str(value) for key, value in read.items()}
