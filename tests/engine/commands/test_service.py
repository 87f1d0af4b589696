"""The node as a service: the text of its unit, written and taken away."""

from types import SimpleNamespace

import pytest

from engine.commands.service import unit_text
from engine.commands.verbs import main

SETTINGS = {"GUIJU_HOME": "/var/lib/guiju", "GUIJU_NODE": 'a "b" 50%', "GUIJU_LANG": "", "PATH": "/bin", "MQ_URL": "x"}


@pytest.fixture
def guiju(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, text in SETTINGS.items():
        if name != "PATH":
            monkeypatch.setenv(name, text)

    def run(*arguments):
        code = main(SimpleNamespace(), ["--lang", "en", "service", *arguments])
        return code, *capsys.readouterr()

    return run


def test_the_unit_starts_this_program_with_its_settings_alone():
    lines = unit_text("guiju", "keeper", SETTINGS).splitlines()
    assert 'Environment="GUIJU_HOME=/var/lib/guiju"' in lines
    assert 'Environment="GUIJU_NODE=a \\"b\\" 50%%"' in lines
    assert [one for one in lines if one.startswith("Environment")] == lines[9:11]
    assert "User=keeper" in lines
    (start,) = [one for one in lines if one.startswith("ExecStart=")]
    assert start.endswith('/guiju" run --no-demo')
    assert {"Restart=always", "WantedBy=multi-user.target", "After=network-online.target"} <= set(lines)
    assert "MQ_URL" not in "".join(lines)
    assert "User=" not in unit_text("guiju", "", {})


def test_a_unit_is_written_shown_and_taken_away(guiju, tmp_path):
    code, out, _ = guiju("show", "--name", "firms")
    assert (code, "Description=Guiju (firms)" in out, f"WorkingDirectory={tmp_path}" in out) == (0, True, True)
    code, out, _ = guiju("install", "--to", str(tmp_path), "--user", "keeper")
    assert (code, "systemctl enable --now guiju" in out) == (0, True)
    path = tmp_path / "guiju.service"
    assert "User=keeper" in path.read_text("utf-8")
    assert guiju("uninstall", "--to", str(tmp_path))[0] == 0
    assert not path.exists()
    assert guiju("uninstall", "--to", str(tmp_path))[0] == 2
    assert guiju("install", "--to", str(tmp_path / "none"))[0] == 2
    assert guiju("show", "--name", "../x")[0] == 2


def test_a_watched_unit_begins_the_launcher_and_is_begun_anew_when_it_is_silent(guiju):
    lines = unit_text("guiju", "", {}, watched=True).splitlines()
    (start,) = [one for one in lines if one.startswith("ExecStart=")]
    assert start.endswith('/guiju-launch" run --no-demo')
    assert {"Type=notify", "NotifyAccess=main", "WatchdogSec=120"} <= set(lines)
    assert "guiju-launch" in guiju("show", "--watched")[1]
