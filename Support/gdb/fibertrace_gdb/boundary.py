"""Names the boundaries between stacks in `bt`, where gdb alone has "<signal handler called>".

gdb prints a trace in another, slower way once a frame filter is there, so this one is enabled only where a boundary can
be.
"""

from typing import Any, Iterator, Optional

import gdb
from gdb.FrameDecorator import FrameDecorator

from . import frames, selection
from .decorators import Boundary, Last, Plain, in_host_charset, takes_text
from .descriptions import Descriptions
from .process import Fibers, fibers

_NAME = "fibertrace"
_SPECIAL = (gdb.DUMMY_FRAME, gdb.SIGTRAMP_FRAME)


class _Boundaries:
    """The frame filter."""

    def __init__(self) -> None:
        self.name = _NAME
        self.priority = 100
        self._is_wanted = True

    @property
    def enabled(self) -> bool:
        """Whether gdb asks it: `disable frame-filter` has not been said, and a fiber can be in the trace, whose name
        gdb can take."""
        if not self._is_wanted or not takes_text():
            return False
        if selection.selected() is not None:
            return True
        try:
            return any(fiber.is_on_thread for fiber in fibers().all)
        except gdb.GdbError:
            return False
        except gdb.error:
            # Threads may have been switched meanwhile, after which gdb's own way of printing would find no frame.
            return True

    @enabled.setter
    def enabled(self, value: bool) -> None:
        self._is_wanted = bool(value)

    def filter(self, decorators: Iterator[Any]) -> Iterator[Any]:
        """The frames of a trace without the host's, and without the end of a chain that leads nowhere."""
        if selection.begin():
            decorators = (FrameDecorator(frame) for frame in frames.callers(gdb.newest_frame()))
        try:
            known = fibers()
        except (gdb.error, gdb.GdbError):
            yield from decorators
            return
        hidden, descriptions = selection.hidden(), Descriptions()
        last = None
        for decorator in decorators:
            if last is not None:
                yield last
                last = None
            frame = decorator.inferior_frame()
            if frame.level() <= hidden:
                continue
            base = frames.base_of(frame, known)
            if base is None:
                # Other filters' decorators, and frames that are no function's, stay as they are.
                is_plain = type(decorator) is FrameDecorator and frame.type() not in _SPECIAL
                last = Plain(frame, descriptions) if is_plain else decorator
                continue
            is_end = frames.leads_nowhere(frame, known)
            yield Boundary(decorator, _name(base, is_end, known))
            if is_end:
                return
        if last is not None:
            reason = _stop_reason(last.inferior_frame())
            yield last if reason is None else Last(last, reason)


def _name(base: int, is_end: bool, known: Fibers) -> str:
    """`── fiber 3 "consumer" resumed by ──`, or that nobody has resumed it."""
    fiber = known.of_base(base)
    label = f"an unregistered fiber with base {base:#x}" if fiber is None else fiber.label
    if not is_end:
        text = f"{label} resumed by"
    else:
        text = f"{label}: {'not running' if fiber is None else fiber.state}, resumed by nobody"
    rule = "──" if in_host_charset("──") == "──" else "--"
    return in_host_charset(f"{rule} {text} {rule}")


def _stop_reason(frame: gdb.Frame) -> Optional[str]:
    reason = frame.unwind_stop_reason()
    if reason in (gdb.FRAME_UNWIND_NO_REASON, gdb.FRAME_UNWIND_OUTERMOST):
        return None
    return gdb.frame_stop_reason_string(reason)


def register() -> None:
    """Adds the filter to gdb's."""
    gdb.frame_filters[_NAME] = _Boundaries()
