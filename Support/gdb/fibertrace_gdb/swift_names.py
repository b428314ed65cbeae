"""Names of Swift functions, which gdb 13 shows mangled: `$s5crowd7castOff...` reads crowd.castOff.

A mangled name is a program for a stack (docs/ABI/Mangling.rst in Swift's repository): identifiers and types are
pushed, and operators make of them types, contexts and entities. What is not certain keeps its mangled name: whatever
has an operator that is not known here, lacks an operand or leaves one on the stack.
"""

import functools
from typing import Callable, Dict

from .swift_stack import NAMES, TYPE, Node
from .swift_text import NotReadable
from .swift_thunks import ThunkMachine

_LIMIT = 4096
_ACCESSORS = {
    "s": ".setter", "g": ".getter", "w": ".willset", "W": ".didset", "r": ".read", "M": ".modify", "p": "",
    "au": ".unsafeMutableAddressor", "lu": ".unsafeAddressor",
}  # fmt: skip
# Letters for the characters of operators.
_CHARACTERS = dict(
    a="&", c="@", d="/", e="=", g=">", l="<", m="*", n="!", o="|", p="+", q="?", r="%", s="-", t="~", x="^", z="."
)  # fmt: skip


@functools.lru_cache(maxsize=4096)
def readable(name: str) -> str:
    """The name of a Swift function as one writes it, without types; any other, and what is not certain, as it is."""
    if not name.startswith("$s") or len(name) > _LIMIT:
        return name
    try:
        return _Machine(name[2:]).run()
    except NotReadable:
        return name


class _Machine(ThunkMachine):
    """Runs one name."""

    def run(self) -> str:
        """The entity that the whole name makes."""
        # What follows a point, the optimizer of LLVM has appended.
        while not self.text.at_end and self.text.peek() != ".":
            if self.text.peek().isdigit():
                self.push(Node("identifier", self.text.identifier()), substitution=True)
                continue
            operator = _OPERATORS.get(self.text.next())
            if operator is None:
                raise NotReadable
            operator(self)
        entity = self.pop("entity")
        if self.stack:
            raise NotReadable
        return self.prefix + entity.text

    def substitute(self) -> None:
        """A: what was pushed before, by its number."""
        for index, count in self.text.substitutions():
            if index >= len(self.substitutions):
                raise NotReadable
            for _ in range(count):
                self.push(self.substitutions[index])

    def extension(self) -> None:
        """E: an extension of a type."""
        self.pop_if("signature")
        self.pop("identifier", "module")
        self.push(Node("extension", self.pop("nominal").text))

    def signature(self) -> None:
        """l: the requirements of one generic parameter."""
        while self.pop_if("requirement"):
            pass
        self.push(Node("signature"))

    def counted_signature(self) -> None:
        """r: the requirements of any number of generic parameters."""
        while not self.text.next_if("l"):
            if not self.text.next_if("z"):
                self.text.index()
        self.signature()

    def generic_type(self) -> None:
        """u: a function type with generic parameters."""
        self.pop("signature")
        self.push(self.pop("type"))

    def protocols(self) -> None:
        """p: any type that has these protocols."""
        self.pop_list(self.pop_protocol)
        self.push(TYPE)

    def _pop_labels(self, function: Node) -> None:
        if self.pop_if("empty") or function.text != "function":
            return
        for _ in range(function.count):
            self.pop("identifier", "first")

    def _push_entity(self, name: str) -> None:
        self.push(Node("entity", f"{self.pop_context()}.{name}"))

    def function(self) -> None:
        """F: a function."""
        self.pop_if("signature")
        self._pop_labels(self.pop_function_type())
        self._push_entity(self.pop(*NAMES).text)

    def variable(self) -> None:
        """v: an accessor of a variable."""
        self._pop_labels(self.pop_type())
        name = self.pop(*NAMES).text
        self._push_entity(name + self._accessor())

    def subscript(self) -> None:
        """i: an accessor of a subscript."""
        self.pop_if("name")
        self._pop_labels(self.pop_type())
        self._push_entity("subscript" + self._accessor())

    def _accessor(self) -> str:
        kind = self.text.next()
        if kind in ("a", "l"):
            kind += self.text.next()
        if kind not in _ACCESSORS:
            raise NotReadable
        return _ACCESSORS[kind]

    def special_function(self) -> None:
        """f: initializers, deinitializers, closures and default arguments."""
        kind = self.text.next()
        if kind in ("D", "d"):
            self._push_entity("deinit")
        elif kind in ("C", "c"):
            self.pop_if("name")
            self._pop_labels(self.pop_type())
            self._push_entity("init")
        elif kind in ("U", "u"):
            words = "closure" if kind == "U" else "implicit closure"
            number = self.text.index() + 1
            self.pop_type()
            self.push(Node("entity", f"{words} #{number} in {self.pop_context()}"))
        elif kind == "A":
            number = self.text.index()
            self.push(Node("entity", f"default argument {number} of {self.pop_context()}"))
        else:
            raise NotReadable

    def static(self) -> None:
        """Z: a static member."""
        self.push(self.pop("entity"))

    def local(self) -> None:
        """L: the name of a private declaration, or of one inside a function."""
        if self.text.next_if("L"):
            self.pop("identifier")
        else:
            self.text.index()
        self.push(Node("name", self.pop(*NAMES).text))

    def operator_name(self) -> None:
        """o: an operator."""
        letters = self.pop("identifier").text
        if self.text.next() not in "ipP" or any(letter not in _CHARACTERS for letter in letters):
            raise NotReadable
        self.push(Node("name", "".join(_CHARACTERS[letter] for letter in letters)))


_OPERATORS: Dict[str, Callable[[_Machine], None]] = {
    "A": _Machine.substitute,
    "B": _Machine.builtin,
    "C": _Machine.nominal,
    "E": _Machine.extension,
    "F": _Machine.function,
    "G": _Machine.bind,
    "K": lambda machine: machine.push(Node("annotation")),
    "L": _Machine.local,
    "O": _Machine.nominal,
    "P": _Machine.nominal,
    "Q": _Machine.archetype,
    "R": _Machine.requirement,
    "S": _Machine.standard,
    "T": _Machine.thunk,
    "V": _Machine.nominal,
    "X": _Machine.special,
    "Y": _Machine.annotation,
    "Z": _Machine.static,
    "a": _Machine.nominal,
    "c": lambda machine: machine.push(machine.pop_function_type()),
    "d": lambda machine: machine.push(Node("variadic")),
    "f": _Machine.special_function,
    "h": _Machine.wrap,
    "i": _Machine.subscript,
    "l": _Machine.signature,
    "m": _Machine.wrap,
    "n": _Machine.wrap,
    "o": _Machine.operator_name,
    "p": _Machine.protocols,
    "q": _Machine.parameter,
    "r": _Machine.counted_signature,
    "s": lambda machine: machine.push(Node("module", "Swift")),
    "t": _Machine.tuple,
    "u": _Machine.generic_type,
    "v": _Machine.variable,
    "x": lambda machine: machine.push(TYPE),
    "y": lambda machine: machine.push(Node("empty")),
    "z": _Machine.wrap,
    "_": lambda machine: machine.push(Node("first")),
}
