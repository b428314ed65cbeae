"""Where a fiber stands: the first function that is not the runtime's own, and the line in it."""

import itertools
import struct
from typing import Any, Dict, Iterator, List, Optional, Tuple

import gdb

from . import events, memory, selection
from .fiber import Fiber
from .place import Place, creation_place, is_of_runtime, nameless, place_of
from .registry import Registry
from .rows import Rows

# Frames looked at before giving up, inlined ones included: the runtime's own are a few.
_FRAMES = 64


class Places:
    """Places of fibers, each distinct pc named once.

    What a frame that called another stands for depends on its pc alone, so that a fiber whose innermost caller is known
    needs no unwinding.
    """

    def __init__(self) -> None:
        # None: all functions at that pc are the runtime's own.
        self._by_pc: Dict[int, Optional[Place]] = {}
        self._creations: Dict[int, Place] = {}
        self._rows = Rows()

    def creation(self, fiber: Fiber) -> Place:
        """The function that created a fiber, whose record says so."""
        if fiber.creator not in self._creations:
            self._creations[fiber.creator] = creation_place(fiber.creator)
        return self._creations[fiber.creator]

    def of(self, fibers: List[Fiber]) -> Dict[Fiber, Place]:
        """The places of those that have frames."""
        places: Dict[Fiber, Place] = {}
        with selection.keeping_place():
            for fiber in fibers:
                place = self._of(fiber)
                # gcore writes zeros for memory that it could not read: no caller is there.
                if place is not None and place.pc != 0:
                    places[fiber] = place
        return places

    def _of(self, fiber: Fiber) -> Optional[Place]:
        if fiber.state not in ("running", "resuming", "switching", "suspended") or fiber.defect() is not None:
            return None
        registers = _caller(fiber)
        caller = None if registers is None else registers[0]
        place = self._known_from(registers)
        if place is not None or caller == 0:
            return place
        try:
            for group in _physical(selection.show(fiber)):
                pc = group[-1].pc()
                if caller is not None and not _is_switch(pc, fiber.registry):
                    # Without unwind information, as for a core without its program, gdb guesses; always for this pc.
                    if pc != caller:
                        self._by_pc[caller] = nameless(caller)
                        break
                    caller = None
                place = self._at(group, fiber.registry)
                if place is not None:
                    return place
        except (gdb.error, gdb.GdbError):
            # Its stack is not in the core, or damaged.
            pass
        return None if caller is None else nameless(caller)

    def _known_from(self, registers: Optional[Tuple[int, int, int]]) -> Optional[Place]:
        """The first known place from a frame outwards, as far as frames between are known to be the runtime's."""
        for _ in range(_FRAMES):
            if registers is None or registers[0] not in self._by_pc:
                return None
            place = self._by_pc[registers[0]]
            if place is not None:
                return place
            registers = self._rows.caller(*registers)
        return None

    def _at(self, frames: List[gdb.Frame], registry: Registry) -> Optional[Place]:
        """The first place outside the runtime of the functions of a frame, inlined ones first."""
        pc = frames[-1].pc()
        # At the pc of an innermost or interrupted frame another function may be inlined than where a call returns to.
        is_caller = frames[0].level() > 0 and frames[0].newer().type() in (gdb.NORMAL_FRAME, gdb.INLINE_FRAME)
        if is_caller and pc in self._by_pc:
            return self._by_pc[pc]
        place = next((place_of(frame) for frame in frames if not is_of_runtime(frame, registry)), None)
        if is_caller:
            self._by_pc[pc] = place
        return place


def _caller(fiber: Fiber) -> Optional[Tuple[int, int, int]]:
    """pc, sp and rbp of the caller of the switch that a fiber stands in, None where that takes unwinding.

    In the stack layout that `has_link` announces, `suspend` and `resume` have pushed rbp below their return addresses
    (fiber_x86_64.S): the former at the saved sp, the latter where the link of the fiber that was resumed leads to.
    """
    if not fiber.registry.has_link:
        return None
    frame: Optional[int] = None
    if fiber.state == "suspended" and fiber.registry.suspended_pc != 0:
        frame = fiber.sp
    elif fiber.state == "resuming" and fiber.inner is not None and fiber.inner.registry.has_link:
        frame = memory.word(fiber.inner.base)
    data = memory.read(frame, 16) if frame is not None and fiber.holds(frame) else None
    if frame is None or data is None:
        return None
    bp, pc = struct.unpack("<QQ", data)
    return pc, frame + 16, bp


def _is_switch(pc: int, registry: Registry) -> bool:
    return pc in registry.suspend or pc in registry.resume


def _physical(frame: Optional[gdb.Frame]) -> Iterator[List[gdb.Frame]]:
    """A frame and its callers, each with the frames of what is inlined in it, innermost first."""
    group: List[gdb.Frame] = []
    for frame in itertools.islice(_callers(frame), _FRAMES):
        group.append(frame)
        if frame.type() != gdb.INLINE_FRAME:
            yield group
            group = []


def _callers(frame: Optional[gdb.Frame]) -> Iterator[gdb.Frame]:
    while frame is not None:
        yield frame
        frame = frame.older()


# Between commands, until symbols change. By inferior, since each has its own addresses.
_known: Dict[int, Places] = {}


def places() -> Places:
    """Those of the selected inferior."""
    return _known.setdefault(gdb.selected_inferior().num, Places())


def _forget(_event: Any) -> None:
    _known.clear()


def register() -> None:
    """Connects the events after which another function may be at an address."""
    events.connect_each(events.of_code(), _forget)
