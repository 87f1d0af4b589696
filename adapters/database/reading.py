"""One snapshot for all that a thread reads one after the other: a page asks a dozen things, each with its own unit.

In: a way to open a reading transaction. Out: the same transaction for every reading unit within a block of the thread,
opened by the first of them and ended when the thread writes, when something fails, or with the block. Knows no rows.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from adapters.database.engine import Transaction


class _Shared:
    """The transaction of one thread's block."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Transaction]]) -> None:
        self._begin = begin
        self._stack = ExitStack()
        self._transaction: Transaction | None = None
        self._inside = 0
        self._outdated = False

    @contextmanager
    def joined(self) -> Iterator[Transaction]:
        """The transaction, for one unit."""
        if self._transaction is None:
            self._transaction = self._stack.enter_context(self._begin())
        self._inside += 1
        try:
            yield self._transaction
        except BaseException:
            self._inside -= 1
            self._transaction = None
            stack, self._stack = self._stack, ExitStack()
            if not stack.__exit__(*sys.exc_info()):
                raise
        else:
            self._inside -= 1
            if self._outdated:
                self.end()

    def end(self) -> None:
        """Let the next unit see what was written meanwhile; one that is still open goes on with what it sees."""
        self._outdated = self._inside > 0
        if not self._outdated:
            self._transaction = None
            self._stack.close()


class Readers:
    """What each thread has open for reading."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Transaction]]) -> None:
        self._begin = begin
        self._held = threading.local()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A block whose reading units share a transaction; one within another is part of it."""
        if self._shared() is not None:
            yield
            return
        self._held.shared = shared = _Shared(self._begin)
        try:
            yield
        finally:
            self._held.shared = None
            shared.end()

    def begin(self) -> AbstractContextManager[Transaction]:
        """A reading transaction: the block's, or one of its own."""
        shared = self._shared()
        return self._begin() if shared is None else shared.joined()

    def outdate(self) -> None:
        """The thread is about to write."""
        if (shared := self._shared()) is not None:
            shared.end()

    def _shared(self) -> _Shared | None:
        return getattr(self._held, "shared", None)
