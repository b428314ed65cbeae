"""Where a fiber stands: the first function that is not the runtime's own, and the line in it."""

import itertools
import os
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

import gdb

from . import events, memory, selection
from .fiber import Fiber
from .registry import Registry
from .swift_names import readable
from .text import printable

# The switch's functions beside those whose ranges the registry gives; compilers inline the first two.
_SWITCH_NAMES = frozenset({"ft_resume", "ft_suspend", "ft_fiber_resume_c", "ft_fiber_suspend_c"})
_RUNTIME_PREFIX = "$s10FiberTrace"
_RUNTIME_DIRECTORY = "/Sources/FiberTrace/"
_COMPILER_GENERATED = "<compiler-generated>"
# Frames looked at before giving up, inlined ones included: the runtime's own are a few.
_FRAMES = 64


class Place(NamedTuple):
    """A function and a line of source, or an object file; None for what is not known."""

    function: Optional[str]
    pc: int
    file: Optional[str]
    line: int
    object_file: Optional[str]

    @property
    def name(self) -> str:
        """The function, readable; an address where there is no symbol."""
        return f"{self.pc:#018x} in ??" if self.function is None else printable(readable(self.function))

    @property
    def source(self) -> str:
        """ "at Crowd.swift:51", "from libfoo.so" or nothing."""
        if self.file is not None:
            line = f":{self.line}" if self.line else ""
            return f"at {printable(os.path.basename(self.file))}{line}"
        return "" if self.object_file is None else f"from {printable(os.path.basename(self.object_file))}"


class Places:
    """Places of fibers, each distinct pc named once.

    What a frame that called another stands for depends on its pc alone, so that a fiber whose innermost caller is known
    needs no unwinding.
    """

    def __init__(self) -> None:
        # None: all functions at that pc are the runtime's own.
        self._by_pc: Dict[int, Optional[Place]] = {}
        self._creations: Dict[int, Place] = {}

    def creation(self, fiber: Fiber) -> Place:
        """The function that created a fiber, whose record says so."""
        if fiber.creator not in self._creations:
            self._creations[fiber.creator] = _creation(fiber.creator)
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
        caller = _caller(fiber)
        place = self._by_pc.get(caller) if caller is not None else None
        if place is not None or caller == 0:
            return place
        try:
            for group in _physical(selection.show(fiber)):
                pc = group[-1].pc()
                if caller is not None and not _is_switch(pc, fiber.registry):
                    # Without unwind information, as for a core without its program, gdb guesses; always for this pc.
                    if pc != caller:
                        self._by_pc[caller] = _nameless(caller)
                        break
                    caller = None
                place = self._at(group, fiber.registry)
                if place is not None:
                    return place
        except (gdb.error, gdb.GdbError):
            # Its stack is not in the core, or damaged.
            pass
        return None if caller is None else _nameless(caller)

    def _at(self, frames: List[gdb.Frame], registry: Registry) -> Optional[Place]:
        """The first place outside the runtime of the functions of a frame, inlined ones first."""
        pc = frames[-1].pc()
        # At the pc of an innermost or interrupted frame another function may be inlined than where a call returns to.
        is_caller = frames[0].level() > 0 and frames[0].newer().type() in (gdb.NORMAL_FRAME, gdb.INLINE_FRAME)
        if is_caller and pc in self._by_pc:
            return self._by_pc[pc]
        place = next((_place(frame) for frame in frames if not _is_of_runtime(frame, registry)), None)
        if is_caller:
            self._by_pc[pc] = place
        return place


def _caller(fiber: Fiber) -> Optional[int]:
    """The pc of the caller of the switch that a fiber stands in, None where that takes unwinding.

    In the stack layout that `has_link` announces, `suspend` and `resume` have pushed rbp below their return addresses
    (fiber_x86_64.S): the former at the saved sp, the latter where the link of the fiber that was resumed leads to.
    """
    if not fiber.registry.has_link:
        return None
    if fiber.state == "suspended" and fiber.registry.suspended_pc != 0:
        return memory.word(fiber.sp + 8)
    if fiber.state == "resuming" and fiber.inner is not None and fiber.inner.registry.has_link:
        link = memory.word(fiber.inner.base)
        return memory.word(link + 8) if link is not None and fiber.holds(link) else None
    return None


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


def _nameless(pc: int) -> Place:
    return Place(None, pc, None, 0, gdb.solib_name(pc))


def _place(frame: gdb.Frame) -> Place:
    position = frame.find_sal()
    if position.symtab is not None and position.symtab.filename != _COMPILER_GENERATED:
        return Place(frame.name(), frame.pc(), position.symtab.filename, position.line, None)
    return Place(frame.name(), frame.pc(), None, 0, gdb.solib_name(frame.pc()))


def _is_of_runtime(frame: gdb.Frame, registry: Registry) -> bool:
    """The function is the runtime's or the compiler's own, not that of whoever uses them.

    As FunctionLocation.isOfRuntime: where there is a source file, that decides, since the symbol of a user's extension
    of `Fiber` begins as the library's do.
    """
    pc = frame.pc()
    name = frame.name() or ""
    if name in _SWITCH_NAMES:
        return True
    ranges = (registry.resume, registry.suspend, registry.start, registry.not_running)
    if frame.type() != gdb.INLINE_FRAME and any(pc in range for range in ranges):
        return True
    symtab = frame.find_sal().symtab
    if symtab is None:
        return name.startswith(_RUNTIME_PREFIX)
    return symtab.filename == _COMPILER_GENERATED or _RUNTIME_DIRECTORY in "/" + symtab.filename


def _creation(pc: int) -> Place:
    """The function outside the runtime that a return address leads to, by its name."""
    line = gdb.find_pc_line(pc - 1)
    block = gdb.block_for_pc(pc - 1)
    functions = []
    while block is not None and not block.is_global:
        if block.function is not None:
            functions.append(block.function)
        block = block.superblock
    for function in functions:
        name = function.linkage_name
        if name in _SWITCH_NAMES or name.startswith(_RUNTIME_PREFIX):
            continue
        # The line is that of the innermost function; gdb does not say where others have it inlined.
        if function is functions[0] and line.symtab is not None:
            return Place(name, pc, line.symtab.filename, line.line, None)
        return Place(name, pc, function.symtab.filename, 0, None)
    return _nameless(pc)


# Between commands, until symbols change. By inferior, since each has its own addresses.
_known: Dict[int, Places] = {}


def places() -> Places:
    """Those of the selected inferior."""
    return _known.setdefault(gdb.selected_inferior().num, Places())


def _forget(_event: Any) -> None:
    _known.clear()


def register() -> None:
    """Connects the events after which another function may be at an address."""
    for registry in (
        gdb.events.exited,
        gdb.events.new_objfile,
        gdb.events.clear_objfiles,
        gdb.events.memory_changed,
        gdb.events.inferior_deleted,
    ):
        events.connect(registry, _forget)
