"""The launcher with real processes: a version comes into force or is taken back, whatever is killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.versions.places import BUILT_IN, FAILED, INSTALLED, Versions

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PATIENCE = 20.0


def stub(folder: Path, ails: str = "") -> Path:
    folder.mkdir(parents=True)
    shutil.copy(HERE / "stub_node.py", folder / "app.py")
    if ails:
        (folder / "ails").write_text(ails)
    return folder


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    stub(tmp_path / "built_in")
    return Versions(tmp_path / "versions")


def bring(versions: Versions, name: str, ails: str = "") -> None:
    stub(versions.folder / name / "program", ails)
    (versions.folder / name / "definitions").mkdir()
    (versions.folder / name / "manifest.json").write_text("{}")


def begun(versions: Versions, number: int = 0, when: str = "before") -> subprocess.Popen[bytes]:
    home = versions.folder.parent
    path = os.pathsep.join((str(home / "built_in"), str(ROOT)))
    script = [sys.executable, str(HERE / "dying_launcher.py"), str(number), when]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen([*script, str(versions.folder), str(home / "log")], env=environment)  # noqa: S603 -- our own script


@contextmanager
def running(versions: Versions) -> Iterator[subprocess.Popen[bytes]]:
    process = begun(versions)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)
        assert not living(versions), "the node outlived its launcher"


def log(versions: Versions) -> list[str]:
    path = versions.folder.parent / "log"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def living(versions: Versions) -> list[str]:
    path = versions.folder.parent / "log"
    lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return [name for name, pid, *_ in lines if Path(f"/proc/{pid}/cmdline").exists() and is_ours(pid)]


def is_ours(pid: str) -> bool:
    try:
        return b"from app import main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def want(versions: Versions, name: str) -> None:
    versions.choose(name)
    versions.release()


def test_a_node_that_dies_is_begun_anew(versions: Versions) -> None:
    with running(versions):
        until(lambda: living(versions) == [BUILT_IN])
        pid = (versions.folder / "node.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)
        until(lambda: len(log(versions)) == 2 and living(versions) == [BUILT_IN])


def test_a_version_comes_into_force_with_its_definitions(versions: Versions) -> None:
    with running(versions):
        until(lambda: living(versions) == [BUILT_IN])
        bring(versions, "v2")
        versions.choose("v2")
        time.sleep(0.5)
        assert versions.current() == BUILT_IN, "the node is not at rest"
        versions.release()
        until(versions.outcomes)
        assert living(versions) == ["v2"]
    assert (versions.current(), versions.former()) == ("v2", BUILT_IN)
    (outcome,) = versions.outcomes()
    assert (outcome.name, outcome.state) == ("v2", INSTALLED)
    assert str(versions.folder / "v2" / "definitions") in (versions.folder.parent / "log").read_text()
    versions.told(outcome)
    assert versions.outcomes() == []


@pytest.mark.parametrize("ails", ["dies", "silent", "late"])
def test_a_version_that_does_not_come_up_is_taken_back(versions: Versions, ails: str) -> None:
    with running(versions):
        until(lambda: living(versions) == [BUILT_IN])
        bring(versions, "v2", ails)
        want(versions, "v2")
        until(versions.outcomes)
        until(lambda: living(versions) == [BUILT_IN])
    (outcome,) = versions.outcomes()
    assert (outcome.name, outcome.former, outcome.state) == ("v2", BUILT_IN, FAILED)
    assert (versions.current(), versions.former()) == (BUILT_IN, "")


def test_a_version_that_is_not_here_changes_nothing(versions: Versions) -> None:
    with running(versions):
        until(lambda: living(versions) == [BUILT_IN])
        want(versions, "v9")
        until(versions.outcomes)
        until(lambda: living(versions) == [BUILT_IN])
    assert versions.current() == BUILT_IN


def test_a_node_that_falls_silent_is_begun_anew(versions: Versions) -> None:
    (versions.folder.parent / "built_in" / "ails").write_text("mute")
    with running(versions):
        until(lambda: len(log(versions)) >= 2)


def test_a_node_that_never_ran_is_at_rest(versions: Versions) -> None:
    (versions.folder.parent / "built_in" / "ails").write_text("dies")
    bring(versions, "v2")
    versions.choose("v2")
    with running(versions):
        until(lambda: living(versions) == ["v2"] and versions.outcomes())
    assert versions.current() == "v2"


@pytest.mark.parametrize("ails", ["", "dies"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_launcher_killed_at_any_step_leaves_one_version_in_force(tmp_path: Path, when: str, ails: str) -> None:
    for number in range(1, 20):
        home = tmp_path / str(number)
        stub(home / "built_in")
        versions = Versions(home / "versions")
        bring(versions, "v2", ails)
        want(versions, "v2")
        killed = begun(versions, number, when)
        until(lambda process=killed, own=versions: process.poll() is not None or (own.outcomes() and not own.trial()))
        if killed.poll() is None:  # it had less to do than that
            killed.terminate()
            killed.wait(PATIENCE)
            break
        assert killed.returncode == -signal.SIGKILL
        assert versions.current() in (BUILT_IN, "v2")
        expected = BUILT_IN if ails else "v2"
        with running(versions):
            until(lambda own=versions: own.outcomes() and not own.trial())
            until(lambda own=versions, wanted=expected: living(own) == [wanted])
        assert versions.current() == expected
    assert number > 4
