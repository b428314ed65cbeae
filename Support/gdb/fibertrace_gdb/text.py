"""Text from the program, which may be hostile, as it may be shown; and quantities as `fibertrace dump` words them."""

import unicodedata

# As `escapedForTerminal` in EscapedText.swift: control and format characters, separators of lines and paragraphs,
# surrogates, private use and unassigned.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})


def printable(text: str) -> str:
    """The text with every character that would not show as itself escaped, as `\\u{1b}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{{{ord(character):x}}}" if unicodedata.category(character) in _UNPRINTABLE else character
        for character in text
    )


def shortened(text: str, limit: int) -> str:
    """The text cut in its middle to at most `limit` characters, "..." included; 0 is no limit."""
    if limit <= 0 or len(text) <= limit:
        return text
    if limit <= 3:
        return text[:limit]
    kept = limit - 3
    tail = kept // 3
    return text[: kept - tail] + "..." + text[len(text) - tail :]


def size(count: int) -> str:
    """Bytes as people read them: "512 B", "1.3 KiB", "64 KiB"."""
    unit, name = 1, "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if count // unit < 1024:
            break
        unit, name = unit * 1024, larger
    tenths = count * 10 // unit
    # A tenth tells something of small numbers only.
    if unit > 1 and tenths < 100 and tenths % 10 != 0:
        return f"{tenths // 10}.{tenths % 10} {name}"
    return f"{count // unit} {name}"


def counted(count: int, noun: str) -> str:
    """ "1 thread", "2 threads"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
