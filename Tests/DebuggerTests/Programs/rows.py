"""Walks each suspended fiber by rows and by gdb's own frames, and prints how many frames were compared and differ."""

import sys

import gdb

package = {name: sys.modules[f"fibertrace_gdb.{name}"] for name in ("process", "selection", "places", "rows")}
rows = package["rows"].Rows()
compared = different = left = 0
with package["selection"].keeping_place():
    for fiber in package["process"].fibers().all:
        registers = package["places"]._caller(fiber)
        if registers is None:
            continue
        frame = package["selection"].show(fiber).older()
        while frame is not None and registers is not None:
            if frame.type() != gdb.INLINE_FRAME:
                found = tuple(int(frame.read_register(name)) % (1 << 64) for name in ("rip", "rsp", "rbp"))
                compared += 1
                different += found != registers
                # The last is the base of the fiber, whose row is an expression.
                left += frame.type() == gdb.SIGTRAMP_FRAME
                registers = rows.caller(*registers)
            frame = frame.older()
print(f"compared {compared}, different {different}, bases {left}")
