"""Lets walks leave `main`, where gdb ends them: also that of a thread that stands in `main` and shows a fiber."""

import gdb

_SETTING = "backtrace past-main"
_is_lifted = False


def lift() -> bool:
    """Sets `backtrace past-main`; whether it was not set."""
    global _is_lifted
    if gdb.parameter(_SETTING):
        return False
    _is_lifted = True
    gdb.execute(f"set {_SETTING} on", to_string=True)
    return True


def restore() -> None:
    """Takes back what `lift` has done."""
    global _is_lifted
    if _is_lifted:
        _is_lifted = False
        gdb.execute(f"set {_SETTING} off", to_string=True)
