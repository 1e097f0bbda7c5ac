"""The command run inside the test's own process: its exit code, and what it wrote where."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

from autonomous_trading.interfaces.cli import main


class Answer(NamedTuple):
    """What a shell would have seen."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Stdout as the one JSON document it has to be."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def complaint(self) -> str:
        """The one line of an error; fails when there is more or less, or anything on stdout."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        return line


def autotrade(*arguments: str) -> Answer:
    """The answer of `autotrade` to these arguments."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return Answer(code, out.getvalue(), err.getvalue())
