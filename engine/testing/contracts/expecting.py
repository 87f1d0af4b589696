"""Errors that a contract expects, told without a test library: the contracts import nothing but ports and model."""

from __future__ import annotations

from types import TracebackType
from typing import Generic, TypeVar

Error = TypeVar("Error", bound=BaseException)


class Caught(Generic[Error]):
    """A block that must raise an error of this kind whose text holds the words."""

    def __init__(self, kind: type[Error], words: str) -> None:
        self._kind, self._words = kind, words
        self._error: Error | None = None

    @property
    def value(self) -> Error:
        """The error; only after the block."""
        assert self._error is not None
        return self._error

    def __enter__(self) -> Caught[Error]:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        assert error is not None, f"{self._kind.__name__} was not raised"
        if not isinstance(error, self._kind):
            return False
        assert self._words in str(error), f"{error!r} does not speak of {self._words}"
        self._error = error
        return True


def raises(kind: type[Error], words: str = "") -> Caught[Error]:
    """For a `with` statement."""
    return Caught(kind, words)
