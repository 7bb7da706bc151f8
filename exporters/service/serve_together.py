"""Rows that different requests bring at the same moment go through the model in one call, which takes little longer."""

import asyncio

from exporters.service.serve_rows import Answer, Cells, Shape


class Together:
    """Collects cells until all requests that have come are read, then predicts for them; for one event loop."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._waiting: list[tuple[Cells, asyncio.Future[list[Answer]]]] = []

    async def predict(self, cells: Cells) -> list[Answer]:
        """Return one answer per row."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[list[Answer]] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._run)
        self._waiting.append((cells, answered))
        return await answered

    def _run(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            names = self.shape.names
            parts = [cells for cells, _answered in waiting]
            columns = {name: [cell for part in parts for cell in part.by_column[name]] for name in names}
            outputs = self.shape.run(Cells(by_column=columns, unread=[]))
            first = 0
            for cells, answered in waiting:
                answers = self.shape.answers(outputs, cells.unread, first)
                first += len(answers)
                if not answered.done():
                    answered.set_result(answers)
        finally:
            for _cells, answered in waiting:
                if not answered.done():  # whatever has failed, nobody waits for ever
                    answered.set_exception(RuntimeError("the model has failed"))
