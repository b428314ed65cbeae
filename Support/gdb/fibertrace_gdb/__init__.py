"""Fibers in gdb, read from the registries that FiberTraceRegistry.h describes."""

import importlib

# In the order of registration: a prefix command comes before what stands under it.
_REGISTERING = (
    "process",
    "places",
    "names",
    "commands",
    "selection",
    "ending",
    "boundary",
    "descriptions",
    "apply",
    "find",
    "listing",
    "functions",
)


def register() -> None:
    """Imports every module, and registers the commands, functions and events of those that have any."""
    for name in _REGISTERING:
        importlib.import_module(f"{__name__}.{name}").register()
