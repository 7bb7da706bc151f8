"""A person before the app, as the server sees one: a web socket that asks for pages and lets those that poll poll."""

import asyncio
import random
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from statistics import median
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

READ_SECONDS = (2.0, 8.0)
PAGES_OF_A_WINDOW = (4, 15)
PATIENCE_SECONDS = 30.0
NEEDS_MODEL = {"quality", "why", "one_row", "whatif", "predict", "in_use", "handover"}
SIDE_SHARE = 0.08  # of pages after which something is downloaded or uploaded
FILE = b"name,fee\n" + b"Ada,12\n" * 500
WHOLE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


class Seen:
    """What all people have seen together. `runs`, `with_model`: what there is to look at."""

    def __init__(self) -> None:
        self.pages: list[float] = []
        self.polls: list[float] = []
        self.by_screen: defaultdict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.n_downloads = self.n_uploads = self.n_windows = self.n_ended = 0
        self.runs: Sequence[str] = ()
        self.with_model: Sequence[str] = ()

    @property
    def n_polls(self) -> int:
        """How often pages asked for themselves."""
        return len(self.polls)

    def slowest(self) -> dict[str, float]:
        """Return the median seconds of the three slowest screens."""
        ranked = sorted(self.by_screen, key=lambda key: -median(self.by_screen[key]))
        return {key or "home": round(median(self.by_screen[key]), 2) for key in ranked[:3]}


class Person:
    """Somebody who goes from page to page."""

    def __init__(self, port: int, keys: Sequence[str], dataset_id: str, seen: Seen, draw: random.Random) -> None:
        self._port, self._keys, self._dataset_id, self._seen, self._draw = port, keys, dataset_id, seen, draw

    async def live(self, end: float) -> None:
        """Open windows and look at pages until then."""
        await asyncio.sleep(self._draw.uniform(0, READ_SECONDS[1]))
        while time.monotonic() < end:
            self._seen.n_windows += 1
            try:
                await self._window(end)
            except (OSError, TimeoutError, ConnectionClosed) as problem:
                self._seen.errors[f"the connection: {type(problem).__name__}"] += 1
                await asyncio.sleep(1.0)

    async def _window(self, end: float) -> None:
        async with connect(
            f"ws://localhost:{self._port}/_stcore/stream",
            origin=f"http://localhost:{self._port}",  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        ) as socket:
            window = _Window(socket, self._seen)
            for _page in range(self._draw.randint(*PAGES_OF_A_WINDOW)):
                if time.monotonic() >= end:
                    return
                await window.open(*self._choice())
                if self._draw.random() < SIDE_SHARE:
                    await asyncio.to_thread(self._aside)
                await window.stay(min(self._draw.uniform(*READ_SECONDS), max(0.0, end - time.monotonic())))

    def _choice(self) -> tuple[str, str]:
        key = self._draw.choice([*self._keys, "training", "training", "runs"])
        runs = self._seen.with_model if key in NEEDS_MODEL else self._seen.runs
        asked = {"table": self._dataset_id} if key in {"data", "goal"} else {}
        return key, urlencode({**asked, **({"run": self._draw.choice(runs)} if runs and not asked else {})})

    def _aside(self) -> None:
        """Download a model or upload a file."""
        address = f"http://localhost:{self._port}/api"
        upload = self._draw.random() < 0.5 or not self._seen.with_model
        headers = {"x-tablewright": "1", "x-filename": "t.csv"}
        asked = (
            urllib.request.Request(f"{address}/upload", data=FILE, headers=headers)
            if upload
            else urllib.request.Request(f"{address}/download/{self._draw.choice(self._seen.with_model)}/model.onnx")
        )
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
                answer.read()
        except urllib.error.HTTPError as problem:
            self._seen.errors[f"HTTP {problem.code}"] += 1
            problem.close()
        except OSError as problem:
            self._seen.errors[f"HTTP: {type(problem).__name__}"] += 1
        self._seen.n_uploads += upload
        self._seen.n_downloads += not upload


class _Window:
    """One window of a browser: what it shows, and when its parts ask for themselves again."""

    def __init__(self, socket: ClientConnection, seen: Seen) -> None:
        self._socket, self._seen = socket, seen
        self._hash = self._query = ""
        self._due: dict[str, tuple[float, float]] = {}  # of each part: when it polls next, and how often
        self._asked_at: dict[str, float] = {}

    async def open(self, key: str, query: str) -> None:
        """Ask for a page and wait until it is drawn."""
        self._hash, self._query = calc_hash(key) if key else "", query
        self._due.clear()
        self._asked_at.clear()
        began = time.monotonic()
        await self._ask("")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._hear():
                pass
        self._seen.pages.append(time.monotonic() - began)
        self._seen.by_screen[key].append(time.monotonic() - began)

    async def stay(self, seconds: float) -> None:
        """Look at the page for a while: its parts poll as in a browser, each waiting for its answer."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for part, (at, every) in self._due.items():
                if at <= now and part not in self._asked_at:
                    self._due[part] = now + every, every
                    self._asked_at[part] = now
                    await self._ask(part)
            next_at = min((at for part, (at, _) in self._due.items() if part not in self._asked_at), default=end)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.01, min(next_at, end) - now)):
                    await self._hear()

    async def _ask(self, part: str) -> None:
        asked = BackMsg()
        asked.rerun_script.query_string = self._query
        asked.rerun_script.page_script_hash = self._hash
        if part:
            asked.rerun_script.fragment_id = part
            asked.rerun_script.is_auto_rerun = True
        await self._socket.send(asked.SerializeToString())

    async def _hear(self) -> bool:
        """Take one message; returns whether it ends the drawing of a page."""
        message = ForwardMsg()
        data = await self._socket.recv()
        assert isinstance(data, bytes)
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "auto_rerun":
            every = message.auto_rerun.interval
            self._due[message.auto_rerun.fragment_id] = time.monotonic() + every, every
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            self._seen.errors[f"a page shows {message.delta.new_element.exception.type}"] += 1
        elif kind == "page_not_found":
            self._seen.errors["a page is not there"] += 1
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
                for began in self._asked_at.values():
                    self._seen.polls.append(time.monotonic() - began)
                self._asked_at.clear()
            return message.script_finished in WHOLE
        return False
