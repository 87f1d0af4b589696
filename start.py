"""The command's first step: the program is loaded without a look for garbage, of which modules leave none.

In: command-line arguments. Out: the exit code of `app.main`. Loads nothing before that is seen to.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module


def main(arguments: Sequence[str] | None = None) -> int:
    """Load the program and run it; what was loaded stays, and is never looked through again."""
    gc.disable()
    run = import_module("app").main
    gc.freeze()
    gc.enable()
    code: int = run(arguments)
    return code


@contextmanager
def without_collecting() -> Iterator[None]:
    """Definitions become some hundred thousand objects that all stay: no garbage is looked for among them, now or later
    (processes that are forked share them as long as nobody touches them)."""
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
