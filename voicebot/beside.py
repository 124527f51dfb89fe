"""Processes beside the server, for work that would keep people waiting."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_the_server(niceness: int = 0) -> None:
    """Begin such a process: it ends when the server does, however that comes about. ``niceness``: see ``nice(2)``.

    A pool's process does not notice that a killed server is gone; it would keep its memory for ever.
    """
    threading.Thread(target=_wait_for_the_end, name="parent", daemon=True).start()
    if niceness:
        os.nice(niceness)


def _wait_for_the_end() -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(0)
