"""Completion of words that gdb itself would break into parts, as at '-'."""

from typing import Iterable, List, Optional


def completions(text: str, word: str, choices: Iterable[str], separator: Optional[str] = None) -> List[str]:
    """The choices that go on with the last token of `text`, as gdb wants them: without what it has before `word`.

    separator: what stands between several choices in one token.
    """
    token = text.split(" ")[-1]
    start = token
    if separator is not None:
        start = token.rpartition(separator)[2]
    given = len(start) - len(word)
    if given < 0:
        # gdb's word begins before the last separator.
        before = word[: len(word) - len(start)]
        return [before + choice for choice in choices if choice.startswith(start)]
    return [choice[given:] for choice in choices if choice.startswith(start)]
