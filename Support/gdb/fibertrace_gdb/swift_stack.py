"""The stack on which a mangled Swift name runs, and its operands."""

from typing import Callable, List, NamedTuple, Optional

from .swift_text import Mangled, NotReadable

_TEXT_LIMIT = 1024
_STACK_LIMIT = 1024


class Node(NamedTuple):
    """An operand.

    kind: "identifier", "module", "nominal" (a type that can be a context), "type", "entity", "extension", "name" (of a
    declaration, not a plain identifier), "empty", "first", "variadic", "annotation", "signature" or "requirement".
    count: parameters of a function type, elements of a tuple.
    """

    kind: str
    text: str = ""
    count: int = 1


TYPE = Node("type")
TYPES = ("nominal", "type")
NAMES = ("identifier", "name")


class Stack:
    """What was pushed, what of it may be meant again by a number, and the text that is read."""

    def __init__(self, name: str) -> None:
        self.text = Mangled(name)
        self.stack: List[Node] = []
        self.substitutions: List[Node] = []

    def push(self, node: Node, substitution: bool = False) -> None:
        """Pushes an operand, which later may be meant by a number."""
        if len(self.stack) >= _STACK_LIMIT or len(node.text) > _TEXT_LIMIT:
            raise NotReadable
        self.stack.append(node)
        if substitution:
            self.substitutions.append(node)

    def pop_if(self, *kinds: str) -> Optional[Node]:
        """Pops an operand of these kinds."""
        if self.stack and self.stack[-1].kind in kinds:
            return self.stack.pop()
        return None

    def pop(self, *kinds: str) -> Node:
        """Pops an operand, which is of these kinds."""
        node = self.pop_if(*kinds)
        if node is None:
            raise NotReadable
        return node

    def pop_type(self) -> Node:
        """Pops a type."""
        return self.pop(*TYPES)

    def pop_context(self) -> str:
        """Pops what a declaration lies in."""
        return self.pop("identifier", "module", "nominal", "entity", "extension").text

    def pop_protocol(self) -> None:
        """Pops a protocol, which in lists is not made a type."""
        if self.pop_if(*TYPES) is None:
            self.pop(*NAMES)
            self.pop_context()

    def pop_list(self, pop: Callable[[], object]) -> int:
        """Pops a list whose first element a marker follows; answers its length."""
        count = 0
        is_first = self.pop_if("empty") is not None
        while not is_first:
            is_first = self.pop_if("first") is not None
            pop()
            count += 1
        return count

    def pop_function_type(self) -> Node:
        """Pops what makes a function type."""
        while self.pop_if("annotation"):
            pass
        count = 0 if self.pop_if("empty") else self.pop_type().count
        if not self.pop_if("empty"):
            self.pop_type()
        return Node("type", "function", count)
