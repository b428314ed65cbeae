"""What is selected in each inferior: the state that commands, the unwinder and gdb's events share."""

from typing import Dict, NamedTuple, Optional

import gdb

from . import past_main
from .fiber import Fiber
from .moment import Moment
from .unwinder import Steps


class Selection(NamedTuple):
    """A fiber that is on no thread, and the thread in whose place its frames are shown.

    level: the frame of the thread after which they come: 0, or more where functions are inlined into the one that the
    thread stands in. moment: when it was selected. is_over: the fiber has gone on, and the selection ends as soon as
    gdb lets it.
    """

    fiber: Fiber
    thread: gdb.InferiorThread
    level: int
    steps: Steps
    moment: Moment
    is_over: bool = False


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


selections = Selections()
