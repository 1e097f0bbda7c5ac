"""Loops that numpy has no word for, compiled: one file per group. They allocate nothing; callers own the arrays.

This folder alone is compiled code of the room, so an edit elsewhere in `features` compiles nothing again.
"""

__all__: list[str] = []
