"""FiberTrace's commands for gdb 13 and later: `info fibers`, `fiber`, `$_fiber()`; `help fiber` lists them.

Load it with

    source /path/to/Support/gdb/fibertrace.py

from ~/.gdbinit or at gdb's prompt. The package fibertrace_gdb lies beside this file. Loading it again replaces it.
Nothing here writes a register or memory of the program, or calls a function in it.
"""

import os
import sys

import gdb


def load():
    """Imports the package beside this file anew and registers its commands."""
    major = int(gdb.VERSION.split(".")[0])
    if major < 13:
        raise gdb.GdbError("fibertrace.py needs gdb 13 or later, this is gdb %s" % gdb.VERSION)

    loaded = sys.modules.get("fibertrace_gdb.events")
    if loaded is not None:
        loaded.disconnect_all()
    for name in [name for name in sys.modules if name.split(".")[0] == "fibertrace_gdb"]:
        del sys.modules[name]

    # Where another Python script sources this one, __file__ remains the other's.
    directory = os.path.dirname(os.path.realpath(load.__code__.co_filename))
    writes_no_bytecode = sys.dont_write_bytecode
    # Where the package lies is the user's, and may be a source tree: no __pycache__ is left there.
    sys.dont_write_bytecode = True
    sys.path.insert(0, directory)
    try:
        import fibertrace_gdb

        fibertrace_gdb.register()
    finally:
        sys.path.remove(directory)
        sys.dont_write_bytecode = writes_no_bytecode


try:
    load()
except Exception as error:  # pylint: disable=broad-except
    gdb.write("fibertrace.py: not loaded: %s: %s\n" % (type(error).__name__, error), gdb.STDERR)
