"""Names that gdb 13 shows mangled."""


def readable(name: str) -> str:
    return name
