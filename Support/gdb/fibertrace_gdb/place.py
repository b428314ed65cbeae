"""A function and its line: of a frame, of a pc; and whether it is the runtime's own."""

import os
from typing import NamedTuple, Optional

import gdb

from .names import shown
from .registry import Registry
from .text import printable

# The switch's functions beside those whose ranges the registry gives; compilers inline the first two.
_SWITCH_NAMES = frozenset({"ft_resume", "ft_suspend", "ft_fiber_resume_c", "ft_fiber_suspend_c"})
_RUNTIME_PREFIX = "$s10FiberTrace"
_RUNTIME_DIRECTORY = "/Sources/FiberTrace/"
_COMPILER_GENERATED = "<compiler-generated>"


class Place(NamedTuple):
    """A function and a line of source, or an object file; None for what is not known."""

    function: Optional[str]
    pc: int
    file: Optional[str]
    line: int
    object_file: Optional[str]

    @property
    def name(self) -> str:
        """The function, Swift's readable; an address where there is no symbol."""
        return f"{self.pc:#018x} in ??" if self.function is None else printable(shown(self.function))

    @property
    def source(self) -> str:
        """ "at Crowd.swift:51", "from libfoo.so" or nothing."""
        if self.file is not None:
            line = f":{self.line}" if self.line else ""
            return f"at {printable(os.path.basename(self.file))}{line}"
        return "" if self.object_file is None else f"from {printable(os.path.basename(self.object_file))}"


def nameless(pc: int) -> Place:
    """The place of a pc of which no more is known."""
    return Place(None, pc, None, 0, gdb.solib_name(pc))


def place_of(frame: gdb.Frame) -> Place:
    """The place of a frame, inlined or not."""
    position = frame.find_sal()
    if position.symtab is not None and position.symtab.filename != _COMPILER_GENERATED:
        return Place(frame.name(), frame.pc(), position.symtab.filename, position.line, None)
    return Place(frame.name(), frame.pc(), None, 0, gdb.solib_name(frame.pc()))


def is_of_runtime(frame: gdb.Frame, registry: Registry) -> bool:
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
    # `filename` is what "set filename-display" makes of it.
    return symtab.filename == _COMPILER_GENERATED or _RUNTIME_DIRECTORY in symtab.fullname()


def creation_place(pc: int) -> Place:
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
    return nameless(pc)
