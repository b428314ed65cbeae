"""What the compiler appends to the mangled name of a Swift function from which it has made another."""

from .swift_text import NotReadable
from .swift_types import TypeMachine


class ThunkMachine(TypeMachine):
    """A machine of types that knows specializations and forwarders."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        # What stands before the name.
        self.prefix = ""

    def thunk(self) -> None:
        """T: what the optimizer has made of the entity before: specializations, which bear its name, and forwarders."""
        kind = self.text.next()
        while kind == "t":
            if self.text.peek().isdigit():
                self.text.natural()
            kind = self.text.next()
        if kind in "gGBsi":
            for flag in "mqar":
                self.text.next_if(flag)
            self._pass()
            self.pop_list(self.pop_type)
        elif kind == "f":
            self._signature_specialization()
        elif kind == "A":
            self.prefix += "partial apply for "
        elif kind == "o":
            # Also what is called with C's convention.
            self.prefix += "@objc "
        elif kind in ("Q", "Y"):
            self.text.index()
        elif kind != "m":
            raise NotReadable

    def _pass(self) -> None:
        if not self.text.next().isdigit():
            raise NotReadable

    def _signature_specialization(self) -> None:
        self.text.next_if("q")
        self._pass()
        while not self.text.next_if("_"):
            # Closures and constants with names stand before as operands: such a name stays mangled.
            if self.text.next() not in "ndgoxisrGOX":
                raise NotReadable
        if not self.text.next_if("n"):
            raise NotReadable
