"""Rows that lie on disk as XGBoost takes them: one block after the other, put into bins that lie on disk, too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.families.family import Blocks, Parameters, Setting

if TYPE_CHECKING:
    from xgboost import DMatrix


@contextmanager
def binned_blocks(blocks: Blocks, types: list[str], settings: Parameters, setting: Setting) -> Iterator["DMatrix"]:
    """Yield rows in bins; what XGBoost writes for them goes with them."""
    from xgboost import ExtMemQuantileDMatrix
    from xgboost.core import DataIter

    class _Turn(DataIter):  # type: ignore[misc, unused-ignore]
        def __init__(self, cache: str) -> None:
            super().__init__(cache_prefix=cache)
            self.reset()

        def reset(self) -> None:
            self._left, self._row = iter(blocks), 0

        def next(self, input_data: Callable[..., Any]) -> bool:
            values = next(self._left, None)
            if values is None:
                return False
            last = self._row + len(values)
            shown = values if values.shape[1] else np.zeros((len(values), 1), np.float32)
            input_data(
                data=np.ascontiguousarray(shown),
                label=blocks.y[self._row : last],
                weight=None if blocks.weight is None else blocks.weight[self._row : last],
                feature_types=types,
            )
            self._row = last
            return True

    place = None if setting.store is None else str(setting.store)
    with TemporaryDirectory(dir=place, prefix="xgboost-", ignore_cleanup_errors=True) as folder:
        yield ExtMemQuantileDMatrix(
            _Turn(f"{folder}/rows"),
            enable_categorical=True,
            max_bin=int(settings.get("max_bin", 256)),
            nthread=setting.threads,
        )
