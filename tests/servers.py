"""Real servers for tests: a throw-away PostgreSQL for the whole run and a Chromium for each worker.

What is missing on the machine fails the test that asks for it, by name; nothing is skipped.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from psycopg import sql

# Set by the process that runs the whole session, inherited by its workers: the folder they share.
RUN_FOLDER = "GUIJU_TEST_RUN"
# The server must not outlive the test run even if that is killed: a shell in the background waits for either to end.
WATCH = """
("$@" & server=$!
 while [ -d "/proc/$OWNER" ] && kill -0 $server; do sleep 1; done
 kill -INT $server) &
"""
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL server's programs on this machine."""
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if folders:
        return max(folders, key=lambda path: float(path.parent.name))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise RuntimeError("PostgreSQL's server programs are missing: run `make setup`")


def unprivileged() -> dict[str, int | list[int]]:
    """Arguments for `subprocess` that leave root behind: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("no user 'postgres' or 'nobody' to run PostgreSQL as")


def start_postgres(folder: Path, *, safe: bool = False) -> None:
    """Make a cluster in `folder`, start it with its socket there, and wait until it answers. `safe`: commits are on the
    disk, as a bench wants them."""
    programs, owner = postgres_programs(), unprivileged()
    folder.mkdir(mode=0o700)
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    data = folder / "data"
    make = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run([*make, "--no-sync"], check=True, capture_output=True, cwd=folder, **owner)
    settings = ["-c", "listen_addresses=", "-c", f"fsync={'on' if safe else 'off'}", "-c", "max_connections=200"]
    with (folder.parent / "postgres.log").open("wb") as log:
        subprocess.run(
            ["/bin/sh", "-c", WATCH, "sh", programs / "postgres", "-D", data, "-k", folder, *settings],
            check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True,
            env={"PATH": os.environ["PATH"], "OWNER": folder.parent.name.rpartition("-")[2]}, **owner,
        )  # fmt: skip
    wait_for_postgres(folder)


def wait_for_postgres(folder: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                log = (folder.parent / "postgres.log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            time.sleep(0.05)
        else:
            return


def stop_postgres(folder: Path) -> None:
    """Stop the cluster in `folder`, if one runs there, and wait for its end."""
    pid_file = folder / "data" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        server = int(pid_file.read_text().split("\n")[0])
        os.kill(server, signal.SIGINT)
        until = time.monotonic() + 30
        while pid_file.exists() and time.monotonic() < until:
            time.sleep(0.02)


def open_run() -> None:
    """Make the folder all workers of this run share; in a worker it is there already."""
    if RUN_FOLDER not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="guiju-test-", suffix=f"-{os.getpid()}"))
        folder.chmod(0o755)
        os.environ[RUN_FOLDER] = str(folder)


def close_run() -> None:
    """In the process that opened the run: stop what its workers started and remove the folder."""
    folder = Path(os.environ.get(RUN_FOLDER, "-"))
    if folder.name.endswith(f"-{os.getpid()}"):
        stop_postgres(folder / "pg")
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ[RUN_FOLDER]


def run_postgres() -> Path:
    """The socket folder of the run's one PostgreSQL; the first worker that asks starts it."""
    run = Path(os.environ[RUN_FOLDER])
    folder = run / "pg"
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            start_postgres(folder)
    return folder


@contextlib.contextmanager
def fresh_database(folder: Path, template: str = "template1") -> Iterator[str]:
    """SQLAlchemy's address of a database of the PostgreSQL in `folder`, a copy of `template`, dropped at the end."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(host=str(folder), user="postgres", autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        yield f"postgresql+psycopg://postgres@/{name}?host={folder}"
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def postgres_folder() -> Path:
    """The socket folder of the run's one PostgreSQL."""
    return run_postgres()


@pytest.fixture(scope="module")
def postgres_url(postgres_folder: Path) -> Iterator[str]:
    """SQLAlchemy's address of an empty PostgreSQL database that belongs to this test module alone."""
    with fresh_database(postgres_folder) as url:
        yield url


# --- Chromium --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; make a context of its own for each test, or ask for `page`."""
    with chromium() as started:
        yield started


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium of this machine."""
    if not CHROMIUM.exists():
        raise RuntimeError(f"{CHROMIUM} is missing: run `make setup`")
    # Chromium's sandbox does not work for root.
    flags = [*CHROMIUM_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else CHROMIUM_FLAGS
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh Chinese context; the test fails if the page broke its security policy or raised an error."""
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}, reduced_motion="reduce"
    )
    troubles: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)
    yield opened
    context.close()
    assert not troubles, f"the page complained: {troubles}"
