"""Selecting a fiber: its frames are shown on a thread, its own or the one that serves as its host."""

import contextlib
from typing import Any, Iterator, Optional

import gdb
import gdb.unwinder

from . import frames, past_main
from .fiber import Fiber
from .moment import moment
from .selections import Selection, selections
from .unwinder import FiberUnwinder, steps_to


def selected() -> Optional[Selection]:
    """What is selected on the selected thread."""
    return selections.on(gdb.selected_thread())


def begin(_event: Any = None) -> bool:
    """Ends what could not end during the command before, where another begins; whether there was anything."""
    # gdb says nothing of a call that fails before the function begins.
    was_called, selections.calls = selections.calls > 0, 0
    selection = selected()
    if selection is not None and (selection.is_over or selection.moment != moment(selection.thread)):
        selections.end(selection.thread.inferior.num)
        return True
    if was_called:
        gdb.invalidate_cached_frames()
    return was_called


def hidden() -> int:
    """The number up to which frames of the selected thread are not the selected fiber's, and `bt` leaves them out.

    -1 if it leaves out none: so while one of those is selected that the fiber's thread has for the fibers inside it.
    """
    selection = selected()
    if selection is None:
        return -1
    frame = None if selection.is_on_host else frames.selected()
    return -1 if frame is not None and frame.level() <= selection.level else selection.level


def clear() -> bool:
    """Ends the selection in the selected inferior; whether there was one."""
    number = gdb.selected_inferior().num
    was_selected = number in selections.current
    selections.restore({other: known for other, known in selections.current.items() if other != number})
    return was_selected


def show(fiber: Fiber) -> gdb.Frame:
    """Makes a fiber's frames those of the selected thread, and answers the innermost of them.

    A fiber on a thread is shown on that. What was selected in the inferior before no longer is, unless this fails.
    """
    before = dict(selections.current)
    try:
        if fiber.thread is not None and fiber.state in ("running", "resuming"):
            clear()
            fiber.thread.switch()
            return _show_on_thread(fiber, fiber.thread)
        return _show_on_host(fiber)
    except (gdb.error, gdb.GdbError):
        selections.restore(before)
        raise


def _show_on_thread(fiber: Fiber, thread: gdb.InferiorThread) -> gdb.Frame:
    frame = frames.innermost_of(fiber)
    if fiber.state == "resuming":
        level = frame.level() - 1
        selections.current[thread.inferior.num] = Selection(fiber, thread, level, {}, moment(thread))
    return frame


def _show_on_host(fiber: Fiber) -> gdb.Frame:
    thread, start = gdb.selected_thread(), fiber.start()
    if thread is None:
        raise gdb.GdbError(f"{fiber.label} cannot be shown: no thread is selected.")
    previous = selections.on(thread)
    if previous is None or not previous.is_on_host:
        clear()
        level = frames.innermost_physical().level()
    else:
        level = previous.level
    selections.current[thread.inferior.num] = Selection(fiber, thread, level, steps_to(start, level), moment(thread))
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
    ended, before = selections.ended, dict(selections.current)
    try:
        yield
    finally:
        if thread is not None and thread.is_valid():
            thread.switch()
        if ended == selections.ended:
            selections.restore(before)
            # A frame is valid if one of that id is found anew.
            if frame is not None and frame.is_valid():
                frame.select()


@contextlib.contextmanager
def walking(fiber: Fiber) -> Iterator[gdb.Frame]:
    """The innermost of a fiber's own frames, valid inside. Within `keeping_place`, many fibers cost one return."""
    with keeping_place():
        yield show(fiber)


def register() -> None:
    """Registers the unwinder."""
    gdb.unwinder.register_unwinder(None, FiberUnwinder(selections.step_from), replace=True)
