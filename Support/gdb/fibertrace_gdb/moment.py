"""What tells moments of a program apart where gdb has no event: after `restart` and `record goto`."""

from typing import Any, Tuple

import gdb

Moment = Tuple[Any, ...]


def moment(thread: gdb.InferiorThread) -> Moment:
    """The process that a thread is of now (a checkpoint is another one), and the place in what is recorded of it."""
    position = "" if gdb.current_recording() is None else gdb.execute("info record", to_string=True)
    return thread.ptid, position
