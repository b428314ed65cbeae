"""How functions' names are shown, and the setting for those of Swift."""

from typing import Optional

import gdb

from .errors import one_line
from .swift_names import readable
from .text import printable

_SETTING = "fibertrace swift-names"


class _SwiftNames(gdb.Parameter):
    """Names are so shown in "info fibers", and in "bt" where a fiber may be in the
trace; without types.  Those that cannot be read with certainty stay mangled.
Symbols remain as they are: "break" takes a mangled name, or FILE:LINE."""

    set_doc = "Set whether the names of Swift functions are shown as one writes them."
    show_doc = "Show whether the names of Swift functions are shown as one writes them."

    def __init__(self, value: bool) -> None:
        super().__init__(_SETTING, gdb.COMMAND_STACK, gdb.PARAM_BOOLEAN)
        self.value = value

    def get_show_string(self, value: str) -> str:
        """What "show" prints."""
        return f"Showing the names of Swift functions as one writes them is {value}."


class _Prefix(gdb.Command):
    """`set fibertrace` or `show fibertrace`."""

    def __init__(self, word: str, text: str, alone: str) -> None:
        self.__doc__ = text
        self._name, self._alone = f"{word} fibertrace", alone
        super().__init__(self._name, gdb.COMMAND_STACK, gdb.COMPLETE_NONE, True)

    @one_line
    def invoke(self, argument: str, from_tty: bool) -> None:
        """Does what the prefix alone means."""
        if argument:
            word = printable(argument.split()[0])
            raise gdb.GdbError(f'Undefined {self._name} command: "{word}".  Try "help {self._name}".')
        gdb.execute(self._alone, from_tty)


_setting: Optional[_SwiftNames] = None


def shown(name: str) -> str:
    """The name of a function as the setting has it."""
    return readable(name) if _setting is not None and _setting.value else name


def register() -> None:
    """Adds the setting, with the value that it had when the script was loaded before."""
    global _setting
    try:
        value = bool(gdb.parameter(_SETTING))
    except RuntimeError:
        value = True
    _Prefix("set", "Change how fibers are shown.", "help set fibertrace")
    _Prefix("show", "Show how fibers are shown.", f"show {_SETTING}")
    _setting = _SwiftNames(value)
