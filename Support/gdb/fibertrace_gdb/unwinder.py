"""An unwinder that answers for a thread's innermost frame: its caller is where a fiber stands.

gdb asks Python unwinders how to get from a frame to its caller. All frames above this one come from gdb's own
unwinders. No register and no memory is written, so it serves cores as well; and the thread keeps its frame 0, which no
unwinder can take away.
"""

import re
from typing import Any, Callable, Dict, NamedTuple, Optional

import gdb
import gdb.unwinder

from .fiber import Start

NAME = "fibertrace"


# Those that a walk needs, and those that callees save.
_REGISTERS = ("rip", "rsp", "rbp", "rbx", "r12", "r13", "r14", "r15")
_ID = re.compile(r"stack=0x([0-9a-f]+),code=0x([0-9a-f]+)")


class Step(NamedTuple):
    """From a frame, whose id gdb makes of the first two, to its caller."""

    id_sp: int
    id_pc: int
    registers: Dict[str, int]


# Steps by the levels of the frames that they lead from.
Steps = Dict[int, Step]


def steps_to(start: Start, level: int) -> Steps:
    """From the thread's frame at `level` to a fiber."""
    # The id lies on the fiber's stack: with one of the thread's, gdb would take the next frame for a corrupt one.
    return {level: Step(start.sp, start.pc, {"rip": start.pc, "rsp": start.sp, "rbp": start.bp})}


def recorded_steps(frame: gdb.Frame, level: int) -> Steps:
    """The steps from a frame on up to the one at `level`, as they are now: they hold when its memory has changed."""
    steps: Steps = {}
    while frame.level() <= level or frame.type() == gdb.INLINE_FRAME:
        caller = frame.older()
        if caller is None:
            break
        # gdb tells the id in this form alone. Inlined frames have theirs from the frame they are in.
        identity = _ID.search(str(frame))
        if frame.type() != gdb.INLINE_FRAME and identity is not None:
            registers = {name: caller.read_register(name) for name in _REGISTERS}
            known = {name: int(value) for name, value in registers.items() if not value.is_optimized_out}
            steps[frame.level()] = Step(int(identity[1], 16), int(identity[2], 16), known)
        frame = caller
    return steps


class _FrameID:
    """What gdb makes a frame's id of."""

    def __init__(self, sp: gdb.Value, pc: gdb.Value) -> None:
        self.sp = sp
        self.pc = pc


class FiberUnwinder(gdb.unwinder.Unwinder):
    """Leads from the innermost frame to a fiber, where there is one to show."""

    def __init__(self, step_from: Callable[[int], Optional[Step]]) -> None:
        super().__init__(NAME)
        self._step_from = step_from

    def __call__(self, pending_frame: Any) -> Any:
        step = self._step_from(pending_frame.level())
        if step is None:
            return None
        # Not by name: what a word is called depends on the language of the program.
        word = pending_frame.architecture().integer_type(64, False)
        identity = _FrameID(gdb.Value(step.id_sp).cast(word), gdb.Value(step.id_pc).cast(word))
        unwound = pending_frame.create_unwind_info(identity)
        # Registers that are not given read "<not saved>", which is true of them: a fiber that is on no thread has
        # no others.
        for name, value in step.registers.items():
            unwound.add_saved_register(name, gdb.Value(value).cast(word))
        return unwound
