"""The launcher, killed (SIGKILL, by itself) at the Nth change it makes in the folder of versions: before it, or after.

`python dying_launcher.py N before|after FOLDER LOG`
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.versions.places import Versions
from launcher import Launcher

number, when = int(sys.argv[1]), sys.argv[2]
count = 0


def counted(act: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*arguments: Any) -> Any:
        global count  # noqa: PLW0603 -- one process, one count
        count += 1
        if count == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = act(*arguments)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return counting


for name in ("_write", "_link", "_gone"):
    setattr(Versions, name, counted(getattr(Versions, name)))
code = "import sys; from app import main; sys.exit(main(sys.argv[1:]))"
versions = Versions(Path(sys.argv[3]))
sys.exit(
    Launcher(versions, ["-c", code, sys.argv[4]], ready_seconds=1.0, settled_seconds=0.3, silent_seconds=1.0).run()
)
