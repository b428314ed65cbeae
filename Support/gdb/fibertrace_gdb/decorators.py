"""How single frames of a filtered trace are printed."""

from typing import Any, Iterable, List, Optional

import gdb
from gdb.FrameDecorator import FrameDecorator

from .descriptions import Descriptions
from .names import shown


class Boundary(FrameDecorator):
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


class Plain(FrameDecorator):
    """As gdb's own decorator of a function's frame, which looks up the line four times: a tenth of `bt`'s time."""

    def __init__(self, frame: gdb.Frame, descriptions: Descriptions) -> None:
        super().__init__(frame)
        self._frame = frame
        self._pc = frame.pc()
        self._description = descriptions.of(frame, self._pc)

    def inferior_frame(self) -> gdb.Frame:
        return self._frame

    def elided(self) -> None:
        return None

    def address(self) -> int:
        return self._pc

    def filename(self) -> Optional[str]:
        name = self._description.file
        return None if name is None else in_host_charset(name)

    def line(self) -> Optional[int]:
        return self._description.line

    def frame_args(self) -> Any:
        return self._description.arguments

    def function(self) -> str:
        # As `bt` has it without filters: no parameters, and "??" without a symbol. But Swift's readable.
        return in_host_charset(shown(self._description.function or "??"))


class _Unreadable:
    """A variable whose memory cannot be read: gdb gives up a filtered trace with an exception then."""

    def __init__(self, name: str, error: gdb.error) -> None:
        self._name = name
        self._text = f"<error reading variable: {error}>"

    def symbol(self) -> str:
        return self._name

    def value(self) -> str:
        return self._text


class Last(FrameDecorator):
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


def takes_text() -> bool:
    """gdb can take text from Python: it encodes that in its charset, which Python may not have.

    Nor is a charset of use that does not have ASCII's letters where ASCII has them: gdb's own words have them there.
    """
    try:
        return "bt".encode(gdb.host_charset()) == b"bt"
    except (LookupError, UnicodeError):
        return False


def in_host_charset(text: str) -> str:
    """The text with escapes for what gdb's charset does not have: gdb would give up the frame."""
    if text.isascii():
        return text
    charset = gdb.host_charset()
    return text.encode(charset, "backslashreplace").decode(charset)
