"""The convenience functions $_fiber, $_fiber_count and $_fiber_of."""

from typing import Sequence

import gdb

from .current import current
from .errors import one_line
from .process import fibers, forget


def _is_running() -> bool:
    """The program has threads. What was read of it before holds no more in the condition of a breakpoint.

    gdb evaluates it while its user takes the program to be running, and has said nothing of the times before when it
    was stopped for that and went on.
    """
    thread = gdb.selected_thread()
    if thread is not None and thread.is_running():
        forget()
    return bool(gdb.selected_inferior().threads())


def _expect(count: int, arguments: Sequence[gdb.Value], usage: str) -> None:
    # gdb passes on whatever it was given.
    if len(arguments) != count:
        raise gdb.GdbError(f"Wrong number of arguments. Usage: {usage}")


class CurrentFiber(gdb.Function):
    """$_fiber - the number of the fiber that the selected frame belongs to.

Usage: $_fiber ()

0 if it belongs to no fiber, or if there is no frame.  With several registries of
fibers, the number is unique in the fiber's own only."""

    def __init__(self) -> None:
        super().__init__("_fiber")

    @one_line
    def invoke(self, *arguments: gdb.Value) -> int:
        """The value."""
        _expect(0, arguments, "$_fiber ()")
        fiber = current() if _is_running() else None
        return 0 if fiber is None else fiber.id


class FiberCount(gdb.Function):
    """$_fiber_count - the number of fibers of the program.

Usage: $_fiber_count ()

0 if the program is not being run."""

    def __init__(self) -> None:
        super().__init__("_fiber_count")

    @one_line
    def invoke(self, *arguments: gdb.Value) -> int:
        """The value."""
        _expect(0, arguments, "$_fiber_count ()")
        return len(fibers().all) if _is_running() else 0


class FiberOf(gdb.Function):
    """$_fiber_of - the number of the fiber on whose stack an address lies.

Usage: $_fiber_of (ADDRESS)

0 if it lies on no fiber's."""

    def __init__(self) -> None:
        super().__init__("_fiber_of")

    @one_line
    def invoke(self, *arguments: gdb.Value) -> int:
        """The value."""
        _expect(1, arguments, "$_fiber_of (ADDRESS)")
        fiber = fibers().of_address(int(arguments[0]) % (1 << 64)) if _is_running() else None
        return 0 if fiber is None else fiber.id


def register() -> None:
    """Registers the functions."""
    CurrentFiber()
    FiberCount()
    FiberOf()
