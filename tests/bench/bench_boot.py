"""How long a node takes from its start to a page that answers, and how much memory its processes share out.

`GUIJU_NODE=cabinet python tests/bench/bench_boot.py`: three starts on a database of its own. Seconds of processor time
tell what a start costs where nothing else runs. Simulated devices are counted in; no machine in the field runs them.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PORT = 8391
STARTS = 3
PATIENCE = 60.0


def main() -> None:
    node = os.environ.get("GUIJU_NODE", "cabinet")
    with tempfile.TemporaryDirectory() as home:
        for number in range(STARTS):
            seconds, busy, size = start(node, home)
            told = f"{seconds:.2f} s to a page, {busy:.2f} s of processors, {size} MB"
            sys.stdout.write(f"{node} start {number + 1}: {told}\n")


def start(node: str, home: str) -> tuple[float, float, int]:
    """Seconds to a page, seconds of processors until then, megabytes (PSS: what is shared is counted once)."""
    given = {**os.environ, "GUIJU_NODE": node, "GUIJU_HOME": home, "GUIJU_WORKERS": "1"}
    command = [str(Path(sys.executable).with_name("guiju")), "run", "--no-demo", "--port", str(PORT)]
    begun = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 -- our own program
        command, env=given, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while not answers():
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                sys.exit("the node did not come up")
            time.sleep(0.02)
        seconds = time.monotonic() - begun
        busy = sum(spent(path) for path in members(process.pid))
        time.sleep(3)
        return seconds, busy, sum(size(path) for path in members(process.pid)) // 1024
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=5):
            return True
    except OSError:
        return False


def members(group: int) -> list[Path]:
    """The processes of a group."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(path.name)) == group:
                found.append(path)
        except ProcessLookupError:
            continue
    return found


def size(path: Path) -> int:
    """Kilobytes."""
    rows = (path / "smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:"))


def spent(path: Path) -> float:
    """Seconds of processors, proc_pid_stat(5)."""
    fields = (path / "stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
