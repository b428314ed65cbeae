"""The operators of a mangled Swift name that make types. Of a type no more is kept than its operands' number tells."""

from .swift_stack import NAMES, TYPE, TYPES, Node, Stack
from .swift_text import NotReadable

# Types of one letter, as `Si` for Swift.Int; the standard library's own list.
_STANDARD = dict(
    A="AutoreleasingUnsafeMutablePointer", a="Array", b="Bool", D="Dictionary", d="Double", f="Float", h="Set",
    I="DefaultIndices", i="Int", J="Character", N="ClosedRange", n="Range", O="ObjectIdentifier", P="UnsafePointer",
    p="UnsafeMutablePointer", R="UnsafeBufferPointer", r="UnsafeMutableBufferPointer", S="String", s="Substring",
    u="UInt", V="UnsafeRawPointer", v="UnsafeMutableRawPointer", W="UnsafeRawBufferPointer",
    w="UnsafeMutableRawBufferPointer", q="Optional", B="BinaryFloatingPoint", E="Encodable", e="Decodable",
    F="FloatingPoint", G="RandomNumberGenerator", H="Hashable", j="Numeric", K="BidirectionalCollection",
    k="RandomAccessCollection", L="Comparable", l="Collection", M="MutableCollection", m="RangeReplaceableCollection",
    Q="Equatable", T="Sequence", t="IteratorProtocol", U="UnsignedInteger", X="RangeExpression", x="Strideable",
    Y="RawRepresentable", y="StringProtocol", Z="SignedInteger", z="BinaryInteger",
)  # fmt: skip


class TypeMachine(Stack):
    """A stack with the operators that make types."""

    def standard(self) -> None:
        """S: a type or module of the standard library."""
        if self.text.next_if("g"):
            self.pop_type()
            self.push(Node("nominal", "Swift.Optional"), substitution=True)
        elif self.text.next_if("o"):
            self.push(Node("module", "__C"))
        else:
            count = self.text.natural() if self.text.peek().isdigit() else 1
            is_concurrency = self.text.next_if("c")
            letter = self.text.next()
            if not is_concurrency and letter not in _STANDARD:
                raise NotReadable
            for _ in range(count):
                self.push(TYPE if is_concurrency else Node("nominal", "Swift." + _STANDARD[letter]))

    def builtin(self) -> None:
        """B: a type of the compiler's."""
        kind = self.text.next()
        if kind == "v":
            self.pop_type()
        if kind in ("f", "i", "v"):
            self.text.index()
        elif kind not in "bBeOopjDctwI":
            raise NotReadable
        self.push(TYPE)

    def nominal(self) -> None:
        """C, V, O, P, a: a class, struct, enum, protocol or alias."""
        name = self.pop(*NAMES).text
        self.push(Node("nominal", f"{self.pop_context()}.{name}"), substitution=True)

    def bind(self) -> None:
        """G: a generic type with its arguments, those of each context that has some."""
        while True:
            while self.pop_if(*TYPES):
                pass
            if self.pop_if("empty"):
                break
            self.pop("first")
        self.push(self.pop("nominal"), substitution=True)

    def tuple(self) -> None:
        """t: a tuple."""

        def element() -> None:
            self.pop_if("variadic")
            self.pop_if("identifier")
            self.pop_type()

        self.push(Node("type", "", self.pop_list(element)))

    def wrap(self) -> None:
        """h, m, n, z: a type with an ownership, its metatype, or an inout one."""
        self.pop_type()
        self.push(TYPE)

    def parameter(self) -> None:
        """q: a generic parameter."""
        self._parameter_index()
        self.push(TYPE)

    def _parameter_index(self) -> None:
        if self.text.next_if("d"):
            self.text.index()
            self.text.index()
        elif not self.text.next_if("z"):
            self.text.index()

    def archetype(self) -> None:
        """Q: a type that a generic parameter or another type has."""
        kind = self.text.next()
        if kind in ("x", "y", "z"):
            if kind == "y":
                self._parameter_index()
            self._pop_associated_name()
            if kind == "x":
                self.pop_type()
        elif kind in ("X", "Y", "Z"):
            if kind == "Y":
                self._parameter_index()
            self.pop_list(self._pop_associated_name)
            if kind == "X":
                self.pop_type()
        else:
            raise NotReadable
        self.push(TYPE, substitution=True)

    def _pop_associated_name(self) -> None:
        self.pop_if(*TYPES)
        self.pop("identifier")

    def requirement(self) -> None:
        """R: what is required of a generic parameter."""
        kind = self.text.peek()
        if kind and kind in "cCbBtTsSmMlLpPQ":
            self.text.next()
        elif kind and kind in "dz_0123456789":
            kind = "generic"
        else:
            raise NotReadable
        if kind in ("B", "S", "L", "Q"):
            self.pop_type()
        else:
            self._parameter_index()
            if kind in ("c", "t", "m", "p"):
                self._pop_associated_name()
                self.substitutions.append(TYPE)
            elif kind in ("C", "T", "M", "P"):
                self.pop_list(self._pop_associated_name)
                self.substitutions.append(TYPE)
        if kind in ("m", "M", "l", "L"):
            if self.text.next() not in "URNCDT":
                raise NotReadable
        elif kind in ("p", "P", "Q", "generic"):
            self.pop_protocol()
        else:
            self.pop_type()
        self.push(Node("requirement"))

    def special(self) -> None:
        """X: types that are written in words."""
        kind = self.text.next()
        if kind in "EAfKULBC":
            self.push(self.pop_function_type())
            return
        if kind in ("M", "m"):
            if self.text.next() not in "tTo":
                raise NotReadable
            self.pop_type()
        elif kind in "ouwbDp":
            self.pop_type()
        elif kind in ("c", "l"):
            if kind == "c":
                self.pop_type()
            self.pop_list(self.pop_protocol)
        else:
            raise NotReadable
        self.push(TYPE)

    def annotation(self) -> None:
        """Y: annotations of function types and of parameters."""
        kind = self.text.next()
        if kind in ("c", "K"):
            self.pop_type()
        elif kind in ("i", "k", "t", "u"):
            self.wrap()
            return
        elif kind not in "aAbTC":
            raise NotReadable
        self.push(Node("annotation"))
