"""Which fiber is selected in each inferior, shown on which thread, and what ends that."""

import contextlib
from typing import Any, Dict, Iterator, NamedTuple, Optional

import gdb
import gdb.unwinder

from . import events, frames, memory, past_main
from .fiber import Fiber
from .unwinder import FiberUnwinder, Steps, recorded_steps, steps_to

# Where the stack layout that `has_link` announces has the address of the record, below the base, and its size.
_BASE_RECORD, _RECORD_SIZE = -8, 64


class Selection(NamedTuple):
    """A fiber that is on no thread, and the thread in whose place its frames are shown.

    level: the frame of the thread after which they come: 0, or more where functions are inlined into the one that the
    thread stands in. is_over: the fiber has gone on, and the selection ends as soon as gdb lets it.
    """

    fiber: Fiber
    thread: gdb.InferiorThread
    level: int
    steps: Steps
    is_over: bool = False


class _Selections:
    """What is selected, by the number of the inferior."""

    def __init__(self) -> None:
        self.current: Dict[int, Selection] = {}
        # How often a selection has ended by itself: whoever wants to come back to one sees whether it still holds.
        self.ended = 0
        # Calls of functions in the inferior that gdb makes now, one inside the other. Before the outermost: the record
        # of the selected fiber, and its frames up to the selected one.
        self.calls = 0
        self.record: Optional[bytes] = None
        self.steps: Steps = {}

    def on(self, thread: Optional[gdb.InferiorThread]) -> Optional[Selection]:
        """The selection on a thread. Threads of an earlier process, or of another core, are no longer valid."""
        if thread is None or not self.current:
            return None
        selection = self.current.get(thread.inferior.num)
        return selection if selection is not None and selection.thread is thread else None

    def steps_now(self) -> Optional[Steps]:
        """What the unwinder says of the selected thread, of whose frames gdb asks."""
        if not self.current or self.calls > 0:
            return None
        selection = self.on(gdb.selected_thread())
        return None if selection is None else selection.steps

    def restore(self, before: Dict[int, Selection]) -> None:
        """Makes that what is selected."""
        self.current = before
        if not before:
            past_main.restore()
        gdb.invalidate_cached_frames()

    def end(self, number: int) -> None:
        """Ends the selection in an inferior."""
        self.ended += 1
        self.restore({other: selection for other, selection in self.current.items() if other != number})


_selections = _Selections()


def selected() -> Optional[Selection]:
    """What is selected on the selected thread."""
    return _selections.on(gdb.selected_thread())


def settle(_event: Any = None) -> bool:
    """Ends the selection on the selected thread if it is over; whether it was. Between commands, or where one begins."""
    selection = selected()
    if selection is None or not selection.is_over:
        return False
    _selections.end(selection.thread.inferior.num)
    return True


def clear() -> bool:
    """Ends the selection in the selected inferior; whether there was one."""
    number = gdb.selected_inferior().num
    was_selected = number in _selections.current
    _selections.restore({other: known for other, known in _selections.current.items() if other != number})
    return was_selected


def show(fiber: Fiber) -> gdb.Frame:
    """Makes a fiber's frames those of the selected thread, and answers the innermost of them.

    A fiber on a thread is shown on that. What was selected in the inferior before no longer is, unless this fails.
    """
    before = dict(_selections.current)
    try:
        if fiber.thread is not None and fiber.state in ("running", "resuming"):
            clear()
            fiber.thread.switch()
            return frames.innermost_of(fiber)
        return _show_on_host(fiber)
    except (gdb.error, gdb.GdbError):
        _selections.restore(before)
        raise


def _show_on_host(fiber: Fiber) -> gdb.Frame:
    thread, start = gdb.selected_thread(), fiber.start()
    if thread is None:
        raise gdb.GdbError(f"{fiber.label} cannot be shown: no thread is selected.")
    previous = _selections.on(thread)
    if previous is None:
        clear()
        level = frames.innermost_physical().level()
    else:
        level = previous.level
    _selections.current[thread.inferior.num] = Selection(fiber, thread, level, steps_to(start, level))
    gdb.invalidate_cached_frames()
    frame = frames.at_level(level + 1)
    if frame is None and past_main.lift():
        frame = frames.at_level(level + 1)
    if frame is None:
        raise gdb.GdbError(f"{fiber.label} cannot be shown: gdb finds no frame at its saved sp {start.sp:#x}.")
    return frame


@contextlib.contextmanager
def keeping_place() -> Iterator[None]:
    """Brings back thread, frame and selected fiber in the end, as far as they are still there."""
    thread, frame = gdb.selected_thread(), frames.selected()
    ended, before = _selections.ended, dict(_selections.current)
    try:
        yield
    finally:
        if thread is not None and thread.is_valid():
            thread.switch()
        if ended == _selections.ended:
            _selections.restore(before)
            # A frame is valid if one of that id is found anew.
            if frame is not None and frame.is_valid():
                frame.select()


@contextlib.contextmanager
def walking(fiber: Fiber) -> Iterator[gdb.Frame]:
    """The innermost of a fiber's own frames, valid inside. Within `keeping_place`, many fibers cost one return."""
    with keeping_place():
        yield show(fiber)


def _on_continue(_event: Any) -> None:
    # The event does not say which inferior it is about, and the selected one may be another. One thread that runs is
    # enough: it may resume the fiber.
    if _selections.calls == 0:
        for number, selection in list(_selections.current.items()):
            thread = selection.thread
            if not thread.is_valid() or any(other.is_running() for other in thread.inferior.threads()):
                _selections.end(number)


def _on_exit(event: Any) -> None:
    _selections.end(event.inferior.num)


def _on_call(event: Any) -> None:
    # The function runs on the host, whose frames gdb then wants to see: no fiber's stand in for them.
    selection = selected()
    if isinstance(event, gdb.InferiorCallPreEvent):
        if _selections.calls == 0 and selection is not None:
            first, frame = frames.at_level(selection.level), frames.selected()
            known = {} if first is None or frame is None else recorded_steps(first, frame.level())
            _selections.record, _selections.steps = _record(), {**known, **selection.steps}
        _selections.calls += 1
    else:
        _selections.calls -= 1
        # The function, or another thread meanwhile, may have resumed the fiber. gdb is about to look for the frame that
        # was selected; gdb 13 crashes if it is not there any more, so that the frames stay for now as they were.
        if _selections.calls == 0 and selection is not None:
            if _selections.record is None or _selections.record != _record():
                over = selection._replace(steps=_selections.steps, is_over=True)
                _selections.current[selection.thread.inferior.num] = over
    gdb.invalidate_cached_frames()


def _record() -> Optional[bytes]:
    """The record of the fiber that is selected in the selected inferior; None where its address is not known."""
    selection = selected()
    if selection is None or not selection.fiber.registry.has_link:
        return None
    address = memory.word(selection.fiber.base + _BASE_RECORD)
    return None if address is None else memory.read(address, _RECORD_SIZE)


def _on_stop(_event: Any) -> None:
    # Reported in a call only if that came to a stop of its own: the thread now stands in it.
    if _selections.calls > 0:
        _selections.end(gdb.selected_inferior().num)


def register() -> None:
    """Registers the unwinder and listens for what ends a selection."""
    gdb.unwinder.register_unwinder(None, FiberUnwinder(_selections.steps_now), replace=True)
    events.at_unload(past_main.restore)
    events.connect(gdb.events.cont, _on_continue)
    events.connect(gdb.events.exited, _on_exit)
    events.connect(gdb.events.inferior_deleted, _on_exit)
    events.connect(gdb.events.inferior_call, _on_call)
    events.connect(gdb.events.stop, _on_stop)
    events.connect(gdb.events.before_prompt, settle)
