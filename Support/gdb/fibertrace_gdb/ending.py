"""What ends a selection: the program goes on, its process ends, or a function that gdb calls resumes the fiber."""

from typing import Any, Optional

import gdb

from . import events, frames, memory, past_main
from .selection import begin, selected
from .selections import selections
from .unwinder import Steps, recorded_steps

# Where the stack layout that `has_link` announces has the address of the record, below the base, and its size.
_BASE_RECORD, _RECORD_SIZE = -8, 64


def _on_continue(_event: Any) -> None:
    # The event does not say which inferior it is about, and the selected one may be another. One thread that runs is
    # enough: it may resume the fiber.
    if selections.calls == 0:
        for number, selection in list(selections.current.items()):
            thread = selection.thread
            if not thread.is_valid() or any(other.is_running() for other in thread.inferior.threads()):
                selections.end(number)


def _on_exit(event: Any) -> None:
    selections.end(event.inferior.num)


def _on_stop(event: Any) -> None:
    # Reported in a call only if that came to a stop of its own: the thread now stands in it, unless gdb takes it back.
    if selections.calls > 0 and not (selected() is not None and _is_taken_back(event)):
        selections.end(gdb.selected_inferior().num)


def _is_taken_back(event: Any) -> bool:
    """Whether gdb gives up the call that stopped and restores the thread, and the frame selected before.

    That frame has to be there then, as after any call.
    """
    if isinstance(event, gdb.BreakpointEvent):
        return False
    if isinstance(event, gdb.SignalEvent):
        return bool(gdb.parameter("unwindonsignal"))
    # gdb's own breakpoint at std::terminate, of which an event says no more than that there was a stop.
    return bool(gdb.parameter("unwind-on-terminating-exception"))


class _Calls:
    """Follows functions that gdb calls on the host, whose own frames gdb then wants to see."""

    def __init__(self) -> None:
        # Before the outermost call: the record of the selected fiber, and its frames up to the selected one.
        self._record: Optional[bytes] = None
        self._steps: Steps = {}

    def on_call(self, event: Any) -> None:
        """Takes the fiber's frames away before a call, and brings them back after it."""
        selection = selected()
        if isinstance(event, gdb.InferiorCallPreEvent):
            if selections.calls == 0 and selection is not None and selection.is_on_host:
                self._record, self._steps = _record(), {**_recorded(selection.level), **selection.steps}
            selections.calls += 1
        else:
            selections.calls -= 1
            # The function, or another thread meanwhile, may have resumed the fiber. gdb is about to look for the frame
            # that was selected, and gdb 13 crashes if it is not there any more: the frames stay for now as they were.
            if selections.calls == 0 and selection is not None and selection.is_on_host:
                if self._record is None or self._record != _record():
                    over = selection._replace(steps=self._steps, is_over=True)
                    selections.current[selection.thread.inferior.num] = over
        gdb.invalidate_cached_frames()


def _recorded(level: int) -> Steps:
    try:
        first, chosen = frames.at_level(level), frames.selected()
        return {} if first is None or chosen is None else recorded_steps(first, chosen.level())
    except gdb.error:
        return {}


def _record() -> Optional[bytes]:
    """The record of the fiber that is selected on the selected thread; None where its address is not known."""
    selection = selected()
    if selection is None or not selection.fiber.registry.has_link:
        return None
    address = memory.word(selection.fiber.base + _BASE_RECORD)
    return None if address is None else memory.read(address, _RECORD_SIZE)


def register() -> None:
    """Listens for what ends a selection."""
    events.at_unload(past_main.restore)
    events.connect(gdb.events.cont, _on_continue)
    events.connect(gdb.events.exited, _on_exit)
    events.connect(gdb.events.inferior_deleted, _on_exit)
    events.connect(gdb.events.inferior_call, _Calls().on_call)
    events.connect(gdb.events.stop, _on_stop)
    events.connect(gdb.events.before_prompt, begin)
