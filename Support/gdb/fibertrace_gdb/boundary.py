"""Names the boundaries between stacks in `bt`, where gdb alone has "<signal handler called>".

gdb prints a trace in another, slower way once a frame filter is there, so this one is enabled only where a boundary can
be.
"""

import codecs
from typing import Any, Iterable, Iterator, List, Optional

import gdb
from gdb.FrameDecorator import FrameDecorator, FrameVars

from . import frames, selection
from .process import Fibers, fibers

_NAME = "fibertrace"
_SPECIAL = (gdb.DUMMY_FRAME, gdb.SIGTRAMP_FRAME)


class _Boundary(FrameDecorator):
    """A base frame: a name, and nothing else of a frame."""

    def __init__(self, base: Any, name: str) -> None:
        super().__init__(base)
        self._name = name

    def function(self) -> str:
        return self._name

    def address(self) -> None:
        return None

    def filename(self) -> None:
        return None

    def line(self) -> None:
        return None

    def frame_args(self) -> None:
        return None

    def frame_locals(self) -> None:
        return None


class _Plain(FrameDecorator):
    """As gdb's own decorator of a function's frame, which looks up the line four times: a tenth of `bt`'s time."""

    def __init__(self, frame: gdb.Frame) -> None:
        super().__init__(frame)
        self._frame = frame
        self._sal = frame.find_sal()
        symtab = self._sal.symtab
        self._file = None if symtab is None else symtab.filename

    def inferior_frame(self) -> gdb.Frame:
        return self._frame

    def elided(self) -> None:
        return None

    def address(self) -> int:
        return self._frame.pc()

    def filename(self) -> Optional[str]:
        name = self._file or gdb.solib_name(self._frame.pc())
        return None if name is None else _in_host_charset(name)

    def line(self) -> Optional[int]:
        return self._sal.line if self._file else None

    def frame_args(self) -> Any:
        return FrameVars(self._frame).fetch_frame_args() if self._file else None

    def function(self) -> str:
        # As `bt` has it without filters: no parameters, and "??" without a symbol.
        return _in_host_charset(self._frame.name() or "??")


class _Unreadable:
    """A variable whose memory cannot be read: of filtered frames gdb prints an exception then, and gives up the trace."""

    def __init__(self, name: str, error: gdb.error) -> None:
        self._name = name
        self._text = f"<error reading variable: {error}>"

    def symbol(self) -> str:
        return self._name

    def value(self) -> str:
        return self._text


class _Last(FrameDecorator):
    """A frame after which gdb could not go on, which it does not say of filtered frames. Its rbp may be anything."""

    def __init__(self, base: Any, reason: str) -> None:
        super().__init__(base)
        self._reason = reason

    def elided(self) -> Any:
        # gdb asks for this when it has printed the frame, whichever part of the trace it prints.
        gdb.write(f"Backtrace stopped: {self._reason}\n")
        return super().elided()

    def frame_args(self) -> Any:
        return self._checked(super().frame_args())

    def frame_locals(self) -> Any:
        return self._checked(super().frame_locals())

    def _checked(self, variables: Optional[Iterable[Any]]) -> Optional[List[Any]]:
        if variables is None:
            return None
        checked: List[Any] = []
        for variable in variables:
            symbol = variable.symbol()
            try:
                if isinstance(symbol, gdb.Symbol):
                    self.inferior_frame().read_var(symbol).fetch_lazy()
                checked.append(variable)
            except gdb.error as error:
                checked.append(_Unreadable(symbol.print_name, error))
        return checked


class _Boundaries:
    """The frame filter."""

    def __init__(self) -> None:
        self.name = _NAME
        self.priority = 100
        self._is_wanted = True

    @property
    def enabled(self) -> bool:
        """Whether gdb asks it: `disable frame-filter` has not been said, and a fiber can be in the trace."""
        if not self._is_wanted:
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
        selected = selection.selected()
        hidden = -1 if selected is None else selected.level
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
                last = _Plain(frame) if is_plain else decorator
                continue
            is_end = frames.leads_nowhere(frame, known)
            yield _Boundary(decorator, _name(base, is_end, known))
            if is_end:
                return
        if last is not None:
            reason = _stop_reason(last.inferior_frame())
            yield last if reason is None else _Last(last, reason)


def _name(base: int, is_end: bool, known: Fibers) -> str:
    """`── fiber 3 "consumer" resumed by ──`, or that nobody has resumed it."""
    fiber = known.of_base(base)
    label = f"an unregistered fiber with base {base:#x}" if fiber is None else fiber.label
    if not is_end:
        text = f"{label} resumed by"
    else:
        text = f"{label}: {'not running' if fiber is None else fiber.state}, resumed by nobody"
    rule = "──" if _in_host_charset("──") == "──" else "--"
    return _in_host_charset(f"{rule} {text} {rule}")


def _in_host_charset(text: str) -> str:
    """The text with escapes for what gdb's charset does not have: gdb would give up the frame."""
    if text.isascii():
        return text
    try:
        charset = codecs.lookup(gdb.host_charset()).name
    except LookupError:
        charset = "ascii"
    return text.encode(charset, "backslashreplace").decode(charset)


def _stop_reason(frame: gdb.Frame) -> Optional[str]:
    reason = frame.unwind_stop_reason()
    if reason in (gdb.FRAME_UNWIND_NO_REASON, gdb.FRAME_UNWIND_OUTERMOST):
        return None
    return gdb.frame_stop_reason_string(reason)


def register() -> None:
    """Adds the filter to gdb's."""
    gdb.frame_filters[_NAME] = _Boundaries()
