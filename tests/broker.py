"""A real RabbitMQ for tests: one for the whole run, its data in the run's folder, or one of a test's own to be killed.

What is missing on the machine fails the test that asks for it, by name; nothing is skipped.
"""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import RUN_FOLDER

# The broker and its port mapper must not outlive the test run even if that is killed: a shell waits for either to end.
WATCH = """
("$@" & server=$!
 while [ -d "/proc/$OWNER" ] && kill -0 $server 2>/dev/null; do sleep 1; done
 if [ ! -d "/proc/$OWNER" ]; then kill -TERM $server; wait $server; epmd -kill; fi) >/dev/null 2>&1 &
"""
CONFIGURATION = """listeners.tcp.default = 127.0.0.1:{port}
default_user = guiju
default_pass = {password}
log.console = false
log.file.level = error
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
"""
# Less to start: few schedulers, no busy waiting, no plug-ins.
QUICK = "+S 2:2 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none"


@dataclass(frozen=True)
class Broker:
    """A broker in a folder; it comes back at the same port with the same data."""

    folder: Path

    @property
    def about(self) -> dict[str, str]:
        return json.loads((self.folder / "about.json").read_text())

    @property
    def url(self) -> str:
        return f"amqp://guiju:{self.about['password']}@127.0.0.1:{self.about['port']}/%2F"

    def start(self) -> None:
        """Start it and come back at once; `wait` tells when it answers."""
        about, folder = self.about, self.folder
        environment = {
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "OWNER": about["owner"],
            "RABBITMQ_NODENAME": f"{about['name']}@localhost",
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_DIST_PORT": about["dist"],
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": QUICK,
            "ERL_EPMD_PORT": about["epmd"],
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        with subprocess.Popen(  # noqa: S603 -- RabbitMQ's own program with arguments of our making
            ["/bin/sh", "-c", WATCH, "sh", programs() / "rabbitmq-server"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=folder, start_new_session=True, env=environment,
        ) as shell:  # fmt: skip
            (folder / "group").write_text(str(shell.pid))

    def wait(self) -> None:
        """Come back when it answers."""
        until = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > until:
                logs = "\n".join(path.read_text(errors="replace") for path in (self.folder / "log").glob("*"))
                raise RuntimeError(f"RabbitMQ did not start:\n{logs[-3000:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(self.about["port"])), 2) as line:
            line.settimeout(5)
            line.sendall(b"AMQP\x00\x00\x09\x01")
            return line.recv(1) == b"\x01"
        return False

    def kill(self) -> None:
        """End it at once, as by a power cut, and wait until it is gone."""
        group = int((self.folder / "group").read_text())
        until = time.monotonic() + 10
        while living(group) and time.monotonic() < until:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            time.sleep(0.02)

    def close(self) -> None:
        """End it for good, its port mapper too."""
        self.kill()
        environment = {"PATH": os.environ["PATH"], "ERL_EPMD_PORT": self.about["epmd"], "HOME": str(self.folder)}
        for _ in range(40):  # it ends when it has noticed that its node is gone
            asked = subprocess.run(
                ["/usr/bin/env", "epmd", "-kill"], env=environment, capture_output=True, check=False, text=True
            )
            if "not allowed" not in asked.stdout + asked.stderr:
                return
            time.sleep(0.05)


def living(group: int) -> bool:
    """Whether a process of a group is there that is more than an entry nobody has collected."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, owner = path.read_text().rpartition(")")[2].split()[:3]
            if owner == str(group) and state != "Z":
                return True
    return False


def programs() -> Path:
    """The folder of RabbitMQ's own start scripts: those of Debian's package run as root or its own user alone."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    if not found:
        raise RuntimeError("RabbitMQ's server is missing: run `make setup`")
    return found[-1]


def begin_broker(folder: Path, owner: int) -> Broker:
    """A fresh broker in a folder, started; it dies with the process `owner`."""
    folder.mkdir(mode=0o700)
    port, dist, epmd = free_ports(3)
    about = {
        "name": f"t{secrets.token_hex(4)}", "password": secrets.token_hex(12), "owner": str(owner),
        "port": str(port), "dist": str(dist), "epmd": str(epmd),
    }  # fmt: skip
    (folder / "about.json").write_text(json.dumps(about))
    (folder / "rabbitmq.conf").write_text(CONFIGURATION.format(**about))
    (folder / "plugins").write_text("[].\n")
    broker = Broker(folder)
    broker.start()
    return broker


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens to now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def run_broker() -> Broker:
    """The run's one broker; the first worker that asks starts it."""
    run = Path(os.environ[RUN_FOLDER])
    folder = run / "broker"
    with (run / "broker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            begin_broker(folder, int(run.name.rpartition("-")[2]))
        broker = Broker(folder)
        broker.wait()
    return broker


def close_broker() -> None:
    """End the run's broker, if one was started."""
    folder = Path(os.environ.get(RUN_FOLDER, "-")) / "broker"
    if folder.exists():
        Broker(folder).close()


@contextlib.contextmanager
def used(kind: int) -> Iterator[Broker]:
    """The run's broker, shared with others or alone."""
    with (Path(os.environ[RUN_FOLDER]) / "broker.used").open("w") as lock:
        fcntl.flock(lock, kind)
        yield run_broker()


@pytest.fixture
def broker() -> Iterator[Broker]:
    """The run's one RabbitMQ; take queues by names of your own."""
    with used(fcntl.LOCK_SH) as found:
        yield found


@pytest.fixture
def broker_alone() -> Iterator[Broker]:
    """The same while no other test uses it: it may be killed, and must answer again at the end."""
    with used(fcntl.LOCK_EX) as found:
        yield found
