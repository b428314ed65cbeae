"""Which fiber's frames stand in for a thread's own: an unwinder answers for the thread's innermost frame alone.

gdb asks Python unwinders how to get from a frame to its caller. For the innermost frame of the thread that a fiber is
shown on, its host, this one says: the caller is where the fiber stands. All frames above come from gdb's own unwinders.
No register and no memory is written, so it serves cores as well; and the thread keeps its frame 0, which no unwinder can
take away.
"""

import contextlib
from typing import Any, Dict, Iterator, NamedTuple, Optional

import gdb
import gdb.unwinder

from . import events, frames
from .fiber import Fiber, Start

_NAME = "fibertrace"


class Selection(NamedTuple):
    """A fiber that is on no thread, and the thread in whose place its frames are shown."""

    fiber: Fiber
    thread: gdb.InferiorThread
    # The frame that the unwinder answers for: 0, or above frames that are inlined into one function.
    level: int
    start: Start


class _Selections:
    """What is selected, by the number of the inferior, and what ends it."""

    def __init__(self) -> None:
        self.current: Dict[int, Selection] = {}
        # How often inferiors have gone on: whoever comes back to an earlier selection sees whether it still holds.
        self.continued = 0
        # Calls of functions in the inferior that gdb makes now, one inside the other.
        self.calls = 0

    def on(self, thread: Optional[gdb.InferiorThread]) -> Optional[Selection]:
        """The selection on a thread. Threads of an earlier process, or of another core, are no longer valid."""
        if thread is None or not self.current:
            return None
        selection = self.current.get(thread.inferior.num)
        return selection if selection is not None and selection.thread is thread else None

    def end(self, inferior: Optional[gdb.Inferior]) -> None:
        """Ends the selection in an inferior, in all if None."""
        self.continued += 1
        if inferior is None:
            self.current.clear()
        else:
            self.current.pop(inferior.num, None)
        gdb.invalidate_cached_frames()


_selections = _Selections()


class _FrameID:
    """What gdb makes a frame's id of."""

    def __init__(self, sp: gdb.Value, pc: gdb.Value) -> None:
        self.sp = sp
        self.pc = pc


class _Unwinder(gdb.unwinder.Unwinder):
    """Leads from the host's innermost frame to the fiber."""

    def __call__(self, pending_frame: Any) -> Any:
        if not _selections.current or _selections.calls > 0:
            return None
        selection = _selections.on(gdb.selected_thread())
        if selection is None or pending_frame.level() != selection.level:
            return None
        # Not by name: what a word is called depends on the language of the program.
        word = pending_frame.architecture().integer_type(64, False)
        pc, sp, bp = (gdb.Value(value).cast(word) for value in selection.start)
        # The id lies on the fiber's stack: with one of the thread's, gdb would take the next frame for a corrupt one.
        unwound = pending_frame.create_unwind_info(_FrameID(sp, pc))
        # Registers that are not given read "<not saved>", which is true of them: a fiber that is on no thread has
        # no others.
        unwound.add_saved_register("rip", pc)
        unwound.add_saved_register("rsp", sp)
        unwound.add_saved_register("rbp", bp)
        return unwound


def selected() -> Optional[Selection]:
    """What is selected on the selected thread."""
    return _selections.on(gdb.selected_thread())


def moment() -> int:
    """A number that is another once an inferior has gone on."""
    return _selections.continued


def clear() -> bool:
    """Ends the selection in the selected inferior; whether there was one."""
    was_selected = _selections.current.pop(gdb.selected_inferior().num, None) is not None
    gdb.invalidate_cached_frames()
    return was_selected


def show(fiber: Fiber) -> gdb.Frame:
    """Makes a fiber's frames those of the selected thread, and answers the innermost of them.

    A fiber on a thread is shown on that. What was selected in the inferior before no longer is.
    """
    number = gdb.selected_inferior().num
    if fiber.thread is not None and fiber.state in ("running", "resuming"):
        _selections.current.pop(number, None)
        fiber.thread.switch()
        gdb.invalidate_cached_frames()
        return frames.innermost_of(fiber)
    thread, start = gdb.selected_thread(), fiber.start()
    if thread is None:
        raise gdb.GdbError(f"{fiber.label} cannot be shown: no thread is selected.")
    previous = _selections.on(thread)
    if previous is None:
        _selections.current.pop(number, None)
        gdb.invalidate_cached_frames()
        level = frames.innermost_physical().level()
    else:
        level = previous.level
    _selections.current[number] = Selection(fiber, thread, level, start)
    gdb.invalidate_cached_frames()
    frame = frames.at_level(level + 1)
    if frame is None:
        raise gdb.GdbError(f"{fiber.label} cannot be shown: nothing can be read at its saved sp {start.sp:#x}.")
    return frame


@contextlib.contextmanager
def keeping_place() -> Iterator[None]:
    """Brings back thread, frame and selected fiber in the end, as far as they are still there."""
    thread, frame = gdb.selected_thread(), frames.selected()
    continued, before = _selections.continued, dict(_selections.current)
    try:
        yield
    finally:
        if continued == _selections.continued:
            _selections.current = before
        if thread is not None and thread.is_valid():
            thread.switch()
        gdb.invalidate_cached_frames()
        # A frame is valid if one of that id is found anew.
        if frame is not None and continued == _selections.continued and frame.is_valid():
            frame.select()


@contextlib.contextmanager
def walking(fiber: Fiber) -> Iterator[gdb.Frame]:
    """The innermost of a fiber's own frames, valid inside. Within `keeping_place`, many fibers cost one return."""
    with keeping_place():
        yield show(fiber)


def _on_continue(event: Any) -> None:
    thread = getattr(event, "inferior_thread", None)
    if gdb.parameter("schedule-multiple"):
        _selections.end(None)
    else:
        _selections.end(gdb.selected_inferior() if thread is None else thread.inferior)


def _on_exit(event: Any) -> None:
    _selections.end(event.inferior)


def _on_call(event: Any) -> None:
    # The function runs on the host, whose frames gdb then wants to see: no fiber's stand in for them.
    _selections.calls += 1 if isinstance(event, gdb.InferiorCallPreEvent) else -1
    gdb.invalidate_cached_frames()


def _on_stop(_event: Any) -> None:
    # Reported in a call only if that came to a stop of its own: the thread now stands in it.
    if _selections.calls > 0:
        _selections.end(None)


def register() -> None:
    """Registers the unwinder and listens for what ends a selection."""
    gdb.unwinder.register_unwinder(None, _Unwinder(_NAME), replace=True)
    events.connect(gdb.events.cont, _on_continue)
    events.connect(gdb.events.exited, _on_exit)
    events.connect(gdb.events.inferior_deleted, _on_exit)
    events.connect(gdb.events.inferior_call, _on_call)
    events.connect(gdb.events.stop, _on_stop)
