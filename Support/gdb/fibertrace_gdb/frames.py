"""Frames as gdb walks them, and where on the way one stack ends and the next begins."""

from typing import Iterator, Optional

import gdb

from .fiber import Fiber
from .process import Fibers, fibers


def selected() -> Optional[gdb.Frame]:
    """The selected frame, None where there is none."""
    try:
        return gdb.selected_frame()
    except gdb.error:
        return None


def callers(frame: Optional[gdb.Frame]) -> Iterator[gdb.Frame]:
    """A frame and those it was called from."""
    while frame is not None:
        yield frame
        frame = frame.older()


def at_level(level: int) -> Optional[gdb.Frame]:
    """The frame of a number of the selected thread."""
    return next((frame for frame in callers(gdb.newest_frame()) if frame.level() == level), None)


def innermost_physical() -> gdb.Frame:
    """The selected thread's innermost frame that is not a part of another, inlined into it."""
    frame = gdb.newest_frame()
    while frame.type() == gdb.INLINE_FRAME:
        frame = frame.older()
    return frame


def base_of(frame: gdb.Frame, known: Fibers) -> Optional[int]:
    """The base whose frame this is; None for any other frame.

    Base frames are signal frames to gdb, and rbp is the base in all of their code.
    """
    if frame.type() != gdb.SIGTRAMP_FRAME:
        return None
    pc = frame.pc()
    if any(pc in registry.start for registry in known.registries):
        return int(frame.read_register("rbp"))
    if all(registry.start.high != 0 for registry in known.registries):
        return None
    # A runtime that does not say where its code is. The handler of a signal in such a frame would have its rbp, too,
    # but then the base's own frame follows, and reads the same.
    fiber = known.of_base(int(frame.read_register("rbp")))
    return fiber.base if fiber is not None and fiber.registry.start.high == 0 else None


def leads_nowhere(frame: gdb.Frame, known: Fibers) -> bool:
    """What comes after a base frame is the end of the chain of a fiber that does not run."""
    older = frame.older()
    return older is not None and any(older.pc() in registry.not_running for registry in known.registries)


def fiber_of(frame: gdb.Frame) -> Optional[Fiber]:
    """The fiber that a frame belongs to: the one whose base comes next. None on a thread's own stack."""
    known = fibers()
    for caller in callers(frame):
        base = base_of(caller, known)
        if base is not None:
            return known.of_base(base)
    return None


def innermost_of(fiber: Fiber) -> gdb.Frame:
    """The innermost frame on a fiber's stack, the fiber being on the selected thread. gdb.GdbError if there is none."""
    known = fibers()
    first = newest = gdb.newest_frame()
    for frame in callers(newest):
        base = base_of(frame, known)
        if base == fiber.base:
            return first
        if base is not None:
            following = frame.older()
            first = following if following is not None else frame
    # No base was passed where its runtime's rows do not say so: then the stack tells.
    for frame in callers(newest):
        if fiber.holds(int(frame.read_register("rsp"))):
            return frame
    raise gdb.GdbError(f"{fiber.label}: the frames of its thread do not lead to its stack.")
