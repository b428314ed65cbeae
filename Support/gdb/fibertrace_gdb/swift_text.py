"""The characters of a mangled Swift name: identifiers, with words that stand for earlier ones, and numbers."""

from typing import Iterator, List, Tuple

_WORDS = 26
# As the mangling's own: a hostile name may say any number.
_REPEATS = 2048


class NotReadable(Exception):
    """The name is not one that is understood for certain."""


class Mangled:
    """Reads a mangled name from its start."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._words: List[str] = []

    @property
    def at_end(self) -> bool:
        """All has been read."""
        return self._position >= len(self._text)

    def peek(self) -> str:
        """The next character, "" at the end."""
        return self._text[self._position : self._position + 1]

    def next(self) -> str:
        """The next character, taken."""
        character = self.peek()
        if not character:
            raise NotReadable
        self._position += 1
        return character

    def next_if(self, character: str) -> bool:
        """Takes that character if it is next."""
        if self.peek() != character:
            return False
        self._position += 1
        return True

    def natural(self) -> int:
        """A decimal number."""
        start = self._position
        while self.peek() in tuple("0123456789"):
            self._position += 1
        digits = self._text[start : self._position]
        if not 0 < len(digits) < 6:
            raise NotReadable
        return int(digits)

    def index(self) -> int:
        """`_` is 0, `0_` is 1."""
        if self.next_if("_"):
            return 0
        number = self.natural()
        if not self.next_if("_"):
            raise NotReadable
        return number + 1

    def identifier(self) -> str:
        """`5crowd`; behind a 0, letters stand for words of earlier identifiers, the last one upper case."""
        has_words = self.next_if("0")
        if has_words and self.peek() == "0":
            # Punycode.
            raise NotReadable
        parts = []
        while True:
            while has_words and self.peek().isalpha():
                letter = self.next()
                number = ord(letter.lower()) - ord("a")
                if not 0 <= number < len(self._words):
                    raise NotReadable
                parts.append(self._words[number])
                has_words = letter.islower()
            if self.next_if("0"):
                break
            if has_words or not parts or self.peek().isdigit():
                parts.append(self._literal())
            if not has_words:
                break
        return "".join(parts)

    def _literal(self) -> str:
        count = self.natural()
        text = self._text[self._position : self._position + count]
        if count == 0 or len(text) < count:
            raise NotReadable
        self._position += count
        self._learn(text)
        return text

    def _learn(self, text: str) -> None:
        """Words begin at letters and end before a capital that follows a small one, before '_' and at the end."""
        start = -1
        for number in range(len(text) + 1):
            character = text[number] if number < len(text) else ""
            is_end = character in ("", "_") or (character.isupper() and not text[number - 1].isupper())
            if start >= 0 and is_end:
                if number - start >= 2 and len(self._words) < _WORDS:
                    self._words.append(text[start:number])
                start = -1
            if start < 0 and character not in ("", "_") and not character.isdigit():
                start = number

    def substitutions(self) -> Iterator[Tuple[int, int]]:
        """Numbers of substitutions and how often each is meant; the last one is an upper-case letter."""
        count = 1
        while True:
            character = self.peek()
            if character.isdigit():
                count = self.natural()
                if count > _REPEATS:
                    raise NotReadable
                if self.next_if("_"):
                    yield count + 27, 1
                    return
                continue
            character = self.next()
            if character == "_":
                yield 26, 1
                return
            if not (character.isascii() and character.isalpha()):
                raise NotReadable
            yield ord(character.lower()) - ord("a"), count
            if character.isupper():
                return
            count = 1
