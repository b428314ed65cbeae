"""gdb's events, connected so that loading the script again leaves no handler of the earlier load behind."""

from typing import Any, Callable, Iterable, List, Tuple

import gdb

_unloading: List[Callable[[], None]] = []
_connected: List[Tuple[Any, Callable[[Any], None]]] = []


def connect(registry: Any, handler: Callable[[Any], None]) -> None:
    """Connects `handler` to one of gdb.events."""
    registry.connect(handler)
    _connected.append((registry, handler))


def connect_each(registries: Iterable[Any], handler: Callable[[Any], None]) -> None:
    """Connects `handler` to several of gdb.events."""
    for registry in registries:
        connect(registry, handler)


def of_code() -> List[Any]:
    """The events after which another function, or another program, may be at an address."""
    return [
        gdb.events.exited,
        gdb.events.new_objfile,
        gdb.events.clear_objfiles,
        gdb.events.memory_changed,
        gdb.events.inferior_deleted,
    ]


def at_unload(action: Callable[[], None]) -> None:
    """Has `action` done before the script is loaded again."""
    _unloading.append(action)


def disconnect_all() -> None:
    """Disconnects what was connected, and does what was wanted for that moment."""
    while _unloading:
        _unloading.pop()()
    while _connected:
        registry, handler = _connected.pop()
        registry.disconnect(handler)
