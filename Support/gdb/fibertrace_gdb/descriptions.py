"""What `bt` prints alike of all frames at a pc, looked up once."""

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import gdb
from gdb.FrameDecorator import FrameVars

from . import events


class Description(NamedTuple):
    """A frame's function, line and arguments; `symtab` is that of the line, None without debug information."""

    function: Optional[str]
    symtab: Optional[gdb.Symtab]
    file: Optional[str]
    line: Optional[int]
    arguments: Optional[List[Any]]


# The pc, and how many frames of functions inlined there lie inside.
Key = Tuple[int, int]


class Descriptions:
    """Those of a trace's frames that are functions'."""

    def __init__(self) -> None:
        self._known = _known.setdefault(gdb.selected_inferior().num, {})
        self._level = -1
        self._depth = 0
        self._is_counted = False

    def of(self, frame: gdb.Frame, pc: int) -> Description:
        """That of a frame, from the innermost on; after frames that are left out, and at first, it costs a look-up.

        There the pc may be that of the instruction itself instead of after a call; and of what is inlined where a
        thread stands, gdb shows what the thread has come to.
        """
        level = frame.level()
        if level != self._level + 1:
            self._is_counted = False
        self._level = level
        is_counted, depth = self._is_counted, self._depth
        if frame.type() == gdb.INLINE_FRAME:
            self._depth += 1
        else:
            self._depth, self._is_counted = 0, True
        if not is_counted:
            return _described(frame, pc)
        known = self._known.get((pc, depth))
        if known is None or (known.symtab is not None and not known.symtab.is_valid()):
            known = self._known[pc, depth] = _described(frame, pc)
        return known


def _described(frame: gdb.Frame, pc: int) -> Description:
    position = frame.find_sal()
    symtab = position.symtab
    file = None if symtab is None else symtab.filename
    if not file:
        return Description(frame.name(), None, gdb.solib_name(pc), None, None)
    return Description(frame.name(), symtab, file, position.line, FrameVars(frame).fetch_frame_args())


# By number of the inferior, and the key.
_known: Dict[int, Dict[Key, Description]] = {}


def _forget(_event: Any) -> None:
    _known.clear()


def register() -> None:
    """Connects the events after which another function may be at an address."""
    for registry in (
        gdb.events.cont,
        gdb.events.exited,
        gdb.events.new_objfile,
        gdb.events.clear_objfiles,
        gdb.events.memory_changed,
        gdb.events.inferior_deleted,
    ):
        events.connect(registry, _forget)
