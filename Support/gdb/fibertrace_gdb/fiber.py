"""One fiber of the selected inferior."""

from typing import NamedTuple, Optional, Tuple

import gdb

from . import memory
from .registry import Record, Registry
from .text import printable, size

# The states, in the order and the words of `fibertrace dump`.
STATES = ("running", "resuming", "switching", "suspended", "not started", "finished", "abandoned", "not found")

# Where the words at the top of a stack have the end of its memory, and how many bytes they are (CFiberAsm.h).
_BASE_HIGH, _BASE_TOP_SIZE = 40, 48
# Colour and alignment take less than two pages.
_COLOUR = 8192
# The end of a stack's memory is less than so many bytes above the base.
STACK_END = _BASE_TOP_SIZE + _COLOUR + 1
# How far below the low end sp is taken for that stack's: the runtime's guard of 64 KiB, and a page.
OVERFLOW_REACH = (64 << 10) + 4096


class Start(NamedTuple):
    """The registers with which a walk of a fiber that does not run begins."""

    pc: int
    sp: int
    bp: int


class Fiber:
    """A record with what it points to and where it was found.

    state: one of STATES. thread: the gdb.InferiorThread that it is on, None where it is on none or it is not known.
    inner: while it is resuming, the fiber that it resumed, None if that is not known. frames_sp: rsp where its frames
    begin, None if it has none or that is not known.
    """

    __slots__ = ("registry", "record", "id", "suffix", "name", "wait", "state", "thread", "inner", "frames_sp", "_top")

    def __init__(self, registry: Registry, record: Record, name: Optional[str], wait: Optional[str]) -> None:
        self.registry = registry
        self.record = record
        self.id = record.identity >> registry.identity_shift
        # What follows the id where the process has several registries: "@runtime".
        self.suffix = ""
        self.name = name
        self.thread: Optional[gdb.InferiorThread] = None
        self.inner: Optional["Fiber"] = None
        # End of the stack's memory and the link, once they are read.
        self._top: Optional[Tuple[int, Optional[int]]] = None
        if self.is_abandoned:
            self.state = "abandoned"
        elif record.identity & registry.finished_flag:
            self.state = "finished"
        elif self.is_on_thread:
            self.state = "not found"
        else:
            self.state = "not started" if record.count == 0 else "suspended"
        self.frames_sp = record.sp if self.state == "suspended" else None
        # The reason of an earlier suspend means nothing once it runs again.
        self.wait = wait if self.state == "suspended" else None

    @property
    def number(self) -> str:
        """ "3", or "3@runtime" where the process has several registries."""
        return f"{self.id}{printable(self.suffix)}"

    @property
    def identity(self) -> Tuple[int, int, int]:
        """The same for the same fiber of a process, read at another time."""
        return self.registry.location.address, self.id, self.base

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
        return self._read_top()[0]

    def _read_top(self) -> Tuple[int, Optional[int]]:
        if self._top is None:
            if not self.registry.has_link:
                self._top = self.base + 8, None
            else:
                top = self.base + _BASE_TOP_SIZE
                words = memory.words(self.base, _BASE_TOP_SIZE // 8)
                link, end = (None, None) if words is None else (words[0], words[_BASE_HIGH // 8])
                self._top = end if end is not None and 0 <= end - top <= _COLOUR else top, link
        return self._top

    def holds(self, address: int) -> bool:
        """The address lies on its stack."""
        return self.low <= address < self.high

    @property
    def stack_used(self) -> Optional[int]:
        """Bytes of the stack in use, None if that is not known or nothing is."""
        sp = self.frames_sp
        return self.high - sp if sp is not None and self.holds(sp) else None

    @property
    def stack_size(self) -> Optional[int]:
        """Bytes of the stack without a guard, None if the record is damaged."""
        return self.high - self.low if self.low < self.high else None

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
        if self.is_on_thread:
            return None
        if self.holds(self.sp):
            return self._absence()
        place = f"{self.low:#x} to {self.high:#x}"
        if 0 < self.low - self.sp <= OVERFLOW_REACH:
            return (
                f"its saved sp {self.sp:#x} lies {size(self.low - self.sp)} below its stack, {place}: the stack has "
                "overflowed, or the record is damaged"
            )
        return f"its record is damaged: the saved sp {self.sp:#x} lies outside its stack, {place}"

    def _absence(self) -> Optional[str]:
        """Where a fiber that does not run has no link, which leads to the end record, there is no stack to be read."""
        if not self.registry.has_link or self.state not in ("suspended", "not started"):
            return None
        link = self._read_top()[1]
        if link is None:
            return f"its stack cannot be read at its base, {self.base:#x}"
        if link != 0:
            return None
        connection = gdb.selected_inferior().connection
        if connection is not None and connection.type == "core":
            return (
                "its stack is not in the core (gcore loses stacks with guards in their mapping): "
                "take one by `fibertrace core`"
            )
        return f"the link at its base, {self.base:#x}, is 0: its stack has been overwritten"
