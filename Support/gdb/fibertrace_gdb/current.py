"""The fiber that the user looks at."""

from typing import Optional

import gdb

from . import frames, selection
from .fiber import Fiber
from .process import fibers


def current() -> Optional[Fiber]:
    """The selected fiber, or else the one that the selected frame belongs to; None on a thread's own stack."""
    selected = selection.selected()
    if selected is not None and selected.is_on_host and not selected.is_over:
        return selected.fiber
    frame = frames.selected()
    if frame is None or not any(fiber.thread is not None for fiber in fibers().all):
        return None
    try:
        fiber = frames.fiber_of(frame)
        if fiber is not None:
            return fiber
        # Frames that do not lead to a base, because their runtime does not say where its code is.
        return fibers().of_address(int(frame.read_register("rsp")) % (1 << 64))
    except gdb.error:
        return None
