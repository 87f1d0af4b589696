"""`guiju devices replay`: every case by name, what fails, and what is no frames file."""

import json
from pathlib import Path

import pytest

import app
from adapters.devices.simulators.supplies import Unit
from adapters.devices.simulators.terminal import Terminal
from engine.commands.verbs import main
from engine.console import speak

FRAMES = Path(__file__).parents[2] / "data/devices/frames.json"


@pytest.fixture
def office(tmp_path):
    return app.Office(app.Settings.of({"GUIJU_HOME": str(tmp_path)}))


def replayed(office, capsys, path, *more):
    code = main(office, ["--lang", "en", "devices", "replay", str(path), *more])
    speak("en")
    return code, capsys.readouterr()


def test_every_case_is_named(office, capsys):
    code, said = replayed(office, capsys, FRAMES)
    assert (code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "passed cu16-unlock-b0-l1 (lock-kr-cu16)"
    assert said.out.splitlines()[-1] == "121 passed, 0 failed"


def test_a_case_that_fails_is_told_with_what_was_heard(office, capsys, tmp_path):
    told = json.loads(FRAMES.read_text("utf-8"))
    told["frames"][0]["hex"] = "02 00 31 03 37"
    path = tmp_path / "frames.json"
    path.write_text(json.dumps(told), "utf-8")
    code, said = replayed(office, capsys, path)
    assert code == 1
    assert said.err.startswith("FAILED cu16-unlock-b0-l1 (lock-kr-cu16): one frame expected")
    assert said.out.endswith("120 passed, 1 failed\n")
    code, said = replayed(office, capsys, path, "--json")
    assert (code, json.loads(said.out)[1]["mistakes"]) == (1, [])


@pytest.mark.parametrize("text", [None, "{", '{"format": 1}'])
def test_a_file_without_frames_is_refused(office, capsys, tmp_path, text):
    path = tmp_path / "frames.json"
    if text is not None:
        path.write_text(text, "utf-8")
    code, said = replayed(office, capsys, path)
    assert code == 2
    assert str(path) in said.err


def test_what_answers_on_a_port_is_found(office, capsys):
    with Terminal(Unit()) as end:
        code = main(office, ["--lang", "en", "devices", "find", end.path, "--within", "0.15"])
        assert (code, capsys.readouterr().out) == (0, f"{end.path}: supply_q1, address 0, 2400 baud\n")
    assert main(office, ["--lang", "en", "devices", "find", "/dev/there-is-none"]) == 1
    assert capsys.readouterr().err == "nothing answers\n"
    assert main(office, ["--lang", "en", "devices", "replay"]) == 2


def test_no_case_is_no_success(office, capsys, tmp_path):
    (tmp_path / "f.json").write_text('{"format": 1, "frames": []}', "utf-8")
    assert replayed(office, capsys, tmp_path / "f.json")[0] == 1
