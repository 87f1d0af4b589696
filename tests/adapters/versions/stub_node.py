"""A node as small as can be: says which version runs, that it is ready, and lives on. What is wrong with it is said
by the file `ails` beside it: `dies`, `silent` (is never ready), `late` (is ready, dies after)."""

import os
import socket
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    name, log = os.environ["GUIJU_VERSION"], Path(arguments[0])
    beside = Path(__file__).with_name("ails")
    ails = beside.read_text() if beside.exists() else ""
    with log.open("a") as out:
        out.write(f"{name} {os.getpid()} {os.environ.get('GUIJU_DEFINITIONS', '')}\n")
    if ails == "dies":
        return 3
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.connect(os.environ["NOTIFY_SOCKET"])
    if ails != "silent":
        told.send(b"READY=1")
    if ails == "late":
        time.sleep(0.2)
        return 4
    while True:
        time.sleep(0.1)
        if ails != "mute":
            told.send(b"WATCHDOG=1")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
