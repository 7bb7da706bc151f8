"""When the server looks for memory that nobody uses any more: now and then, in place of after every page.

Streamlit would walk through everything after each run of a page, which took more than half of the server's time with
twenty people (`runner.postScriptGC` is off).
"""

import asyncio
import gc

FIRST_PAGES_SECONDS = 15.0
EVERY_SECONDS = 5.0


def put_aside() -> None:
    """Take what is in memory now for something that stays: the collector does not walk through it again."""
    gc.collect()
    gc.freeze()


async def collect_now_and_then() -> None:
    """Collect while the server runs; what the first pages have loaded is put aside first."""
    await asyncio.sleep(FIRST_PAGES_SECONDS)
    put_aside()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        _young, middle, old = gc.get_count()
        if middle or old:  # else nobody has drawn anything
            gc.collect()
