"""One fiber of the selected inferior."""

from typing import NamedTuple, Optional

import gdb

from . import memory
from .registry import Record, Registry
from .text import printable, size

# The states, in the order and the words of `fibertrace dump`.
STATES = ("running", "resuming", "switching", "suspended", "not started", "finished", "abandoned", "not found")

# Where the words at the top of a stack have the end of its memory, and how many bytes they are (CFiberAsm.h).
_BASE_HIGH, _BASE_TOP_SIZE = 40, 48
# How far below the low end sp is taken for that stack's: the runtime's guard of 64 KiB, and a page.
_REACH = (64 << 10) + 4096


class Start(NamedTuple):
    """The registers with which a walk of a fiber that does not run begins."""

    pc: int
    sp: int
    bp: int


class Fiber:
    """A record with what it points to and where it was found.

    state: one of STATES. thread: the gdb.InferiorThread that it is on, None where it is on none or it is not known.
    inner: while it is resuming, the fiber that it resumed, None if that is not known.
    """

    __slots__ = ("registry", "record", "id", "suffix", "name", "wait", "state", "thread", "inner", "_high")

    def __init__(self, registry: Registry, record: Record, name: Optional[str], wait: Optional[str]) -> None:
        self.registry = registry
        self.record = record
        self.id = record.identity >> registry.identity_shift
        # What follows the id where the process has several registries: "@runtime".
        self.suffix = ""
        self.name = name
        self.wait = wait
        self.thread: Optional[gdb.InferiorThread] = None
        self.inner: Optional["Fiber"] = None
        self._high: Optional[int] = None
        if self.is_abandoned:
            self.state = "abandoned"
        elif record.identity & registry.finished_flag:
            self.state = "finished"
        elif self.is_on_thread:
            self.state = "not found"
        else:
            self.state = "not started" if record.count == 0 else "suspended"

    @property
    def number(self) -> str:
        """ "3", or "3@runtime" where the process has several registries."""
        return f"{self.id}{printable(self.suffix)}"

    @property
    def label(self) -> str:
        """`fiber 3 "consumer"`."""
        return f"fiber {self.number}" + ("" if self.name is None else f' "{printable(self.name)}"')

    @property
    def sp(self) -> int:
        """The saved stack pointer; stale while the fiber is on a thread."""
        return self.record.sp

    @property
    def base(self) -> int:
        """Address of the base frame's link."""
        return self.record.base

    @property
    def low(self) -> int:
        """Lowest usable address of the stack."""
        return self.record.low

    @property
    def count(self) -> int:
        """Switches into and out of the fiber."""
        return self.record.count

    @property
    def creator(self) -> int:
        """A pc in the function that created it, or 0."""
        return self.record.creator

    @property
    def times_resumed(self) -> int:
        """How often it was resumed."""
        return (self.record.count + 1) // 2

    @property
    def is_on_thread(self) -> bool:
        """A resume has happened that no suspend has answered."""
        return self.record.count % 2 == 1

    @property
    def is_abandoned(self) -> bool:
        """Its thread has ended inside it."""
        return self.record.identity & self.registry.abandoned_flag != 0

    @property
    def high(self) -> int:
        """End of the stack's memory, or just above the base where that is not known."""
        if self._high is None:
            top = self.base + (_BASE_TOP_SIZE if self.registry.has_link else 8)
            end = memory.word(self.base + _BASE_HIGH) if self.registry.has_link else None
            # Colour and alignment take less than two pages.
            self._high = end if end is not None and 0 <= end - top <= 8192 else top
        return self._high

    def holds(self, address: int) -> bool:
        """The address lies on its stack."""
        return self.low <= address < self.high

    def start(self) -> Start:
        """Where a walk of the fiber begins, which does not run. gdb.GdbError if it has no such place."""
        if self.state in ("finished", "abandoned"):
            raise gdb.GdbError(f"{self.label} is {self.state}: it has no frames.")
        if self.is_on_thread and self.state != "switching":
            raise gdb.GdbError(f"{self.label} is {self.state}: it has no saved registers.")
        defect = self.defect()
        if defect is not None:
            raise gdb.GdbError(f"{self.label}: {defect}.")
        registry = self.registry
        if registry.suspended_pc != 0:
            return Start(registry.suspended_pc, self.sp, self.sp)
        pc = memory.word(self.sp + registry.saved_pc_offset)
        bp = memory.word(self.sp + registry.saved_bp_offset)
        if pc is None or bp is None:
            raise gdb.GdbError(f"{self.label}: the registers saved at {self.sp:#x} cannot be read.")
        return Start(pc, self.sp + registry.saved_sp_add, bp)

    def defect(self) -> Optional[str]:
        """What is wrong with the stack and the saved sp in the record, None if nothing is."""
        if self.low >= self.high or self.base % 8 != 0:
            return f"its record is damaged: the stack would reach from {self.low:#x} to {self.high:#x}"
        if self.is_on_thread or self.holds(self.sp):
            return None
        place = f"{self.low:#x} to {self.high:#x}"
        if 0 < self.low - self.sp <= _REACH:
            return (
                f"its saved sp {self.sp:#x} lies {size(self.low - self.sp)} below its stack, {place}: the stack has "
                "overflowed, or the record is damaged"
            )
        return f"its record is damaged: the saved sp {self.sp:#x} lies outside its stack, {place}"
