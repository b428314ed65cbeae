"""An unwinder that answers for a thread's innermost frame alone: its caller is where a fiber stands.

gdb asks Python unwinders how to get from a frame to its caller. All frames above this one come from gdb's own unwinders. No
register and no memory is written, so it serves cores as well; and the thread keeps its frame 0, which no unwinder can take
away.
"""

from typing import Any, Callable, NamedTuple, Optional

import gdb
import gdb.unwinder

from .fiber import Start

NAME = "fibertrace"


class Answer(NamedTuple):
    """Where the walk goes on, and after which of the thread's frames.

    level: 0, or more where functions are inlined into the one that the thread stands in.
    """

    level: int
    start: Start


class _FrameID:
    """What gdb makes a frame's id of."""

    def __init__(self, sp: gdb.Value, pc: gdb.Value) -> None:
        self.sp = sp
        self.pc = pc


class FiberUnwinder(gdb.unwinder.Unwinder):
    """Leads from the innermost frame to a fiber, where there is one to show."""

    def __init__(self, answer: Callable[[], Optional[Answer]]) -> None:
        super().__init__(NAME)
        self._answer = answer

    def __call__(self, pending_frame: Any) -> Any:
        answer = self._answer()
        if answer is None or pending_frame.level() != answer.level:
            return None
        # Not by name: what a word is called depends on the language of the program.
        word = pending_frame.architecture().integer_type(64, False)
        pc, sp, bp = (gdb.Value(value).cast(word) for value in answer.start)
        # The id lies on the fiber's stack: with one of the thread's, gdb would take the next frame for a corrupt one.
        unwound = pending_frame.create_unwind_info(_FrameID(sp, pc))
        # Registers that are not given read "<not saved>", which is true of them: a fiber that is on no thread has
        # no others.
        unwound.add_saved_register("rip", pc)
        unwound.add_saved_register("rsp", sp)
        unwound.add_saved_register("rbp", bp)
        return unwound
