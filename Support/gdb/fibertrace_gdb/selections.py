"""What is selected in each inferior: the state that commands, the unwinder and gdb's events share."""

from typing import Dict, NamedTuple, Optional

import gdb

from . import past_main
from .fiber import Fiber
from .moment import Moment
from .unwinder import Step, Steps


class Selection(NamedTuple):
    """A fiber, and the thread on which its frames are shown: that which it has resumed another on, or a host.

    level: the frame of the thread after which they come; on a host 0, or more where functions are inlined into the one
    that it stands in. steps: how they come there on a host; none where they are the thread's own. moment: when it was
    selected. is_over: the fiber has gone on, and the selection ends as soon as gdb lets it.
    """

    fiber: Fiber
    thread: gdb.InferiorThread
    level: int
    steps: Steps
    moment: Moment
    is_over: bool = False

    @property
    def is_on_host(self) -> bool:
        """The fiber is on no thread."""
        return bool(self.steps)


class Selections:
    """The selections by the number of the inferior."""

    def __init__(self) -> None:
        self.current: Dict[int, Selection] = {}
        # How often a selection has ended by itself: whoever wants to come back to one sees whether it still holds.
        self.ended = 0
        # Calls of functions in the inferior that gdb makes now, one inside the other.
        self.calls = 0

    def on(self, thread: Optional[gdb.InferiorThread]) -> Optional[Selection]:
        """The selection on a thread. Threads of an earlier process, or of another core, are no longer valid."""
        if thread is None or not self.current:
            return None
        selection = self.current.get(thread.inferior.num)
        return selection if selection is not None and selection.thread is thread else None

    def step_from(self, level: int) -> Optional[Step]:
        """What the unwinder says of a frame of the selected thread, of whose frames gdb asks: it does so of each."""
        if self.calls == 0:
            for selection in self.current.values():
                step = selection.steps.get(level)
                if step is not None and selection.thread is gdb.selected_thread():
                    return step
        return None

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


selections = Selections()
