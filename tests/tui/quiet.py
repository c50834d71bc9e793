"""Waits until an app has done all that it can do now."""

import asyncio

from textual._context import active_app

ROUNDS = 2
"""How often in a row the loop must be found empty: between two rounds it looks at sockets and at calls from threads."""


async def until_quiet(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
    """Return once nothing of the app is ready to run; takes the place of Textual's `wait_for_idle`.

    Nothing is ready when the event loop has no callback but ours and the app's threads have ended. A new size, which
    Textual passes on 1/120 s later, is passed on at once. Timers that are not due are not waited for.
    """
    loop, app = asyncio.get_running_loop(), active_app.get(None)
    empty = 0
    while empty < ROUNDS:
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]  # asyncio has no public way to ask
            empty = 0
        elif app is not None and any(worker.is_running for worker in app.workers):
            empty = 0
            await asyncio.sleep(0.001)
        elif app is not None and app._resize_event is not None:
            empty = 0
            app._check_resize()
        else:
            empty += 1
