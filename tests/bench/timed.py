"""What a task costs its process, for benches on machines that others use too."""

import time
from collections.abc import Callable
from typing import Any


def timed(task: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, float]:
    """The result and the seconds of processor that it took."""
    begun = time.process_time()
    return task(*arguments), time.process_time() - begun
