"""gdb's events, connected so that loading the script again leaves no handler of the earlier load behind."""

from typing import Any, Callable, List, Tuple

_connected: List[Tuple[Any, Callable[[Any], None]]] = []


def connect(registry: Any, handler: Callable[[Any], None]) -> None:
    """Connects `handler` to one of gdb.events."""
    registry.connect(handler)
    _connected.append((registry, handler))


def disconnect_all() -> None:
    """Disconnects what was connected."""
    while _connected:
        registry, handler = _connected.pop()
        registry.disconnect(handler)
