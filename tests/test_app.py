"""The command line of the composition root."""

import socket
from pathlib import Path

import pytest

import app


def test_without_a_verb_the_verbs_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--lang", "en"]) == 2
    assert "usage: guiju" in capsys.readouterr().out


def test_a_home_is_the_same_wherever_it_is_asked_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    settings = app.Settings.of({"GUIJU_HOME": "kept"})
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert settings.home == tmp_path / "kept"
    assert settings.database == f"sqlite:///{tmp_path / 'kept' / 'guiju.db'}", "one database file, whoever opens it"


def test_proxies_are_counted_where_somebody_says_so() -> None:
    assert [app.Settings.of(said).proxies for said in ({}, {"GUIJU_PROXIES": "2"})] == [0, 2]


@pytest.mark.parametrize(
    ("name", "value"),
    [("GUIJU_PORT", "abc"), ("GUIJU_PORT", "99999"), ("GUIJU_WORKERS", "0"), ("GUIJU_KEEP_DAYS", "")],
)
def test_a_variable_that_cannot_be_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("GUIJU_LANG", "zh")
    assert app.main(["check"]) == 2
    assert capsys.readouterr().err.startswith(f"{name} 是“{value}”：应为")


def test_nobody_begins_beside_another_at_the_same_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Servers let their processes listen side by side; another node's would be let in too."""
    monkeypatch.setenv("GUIJU_HOME", str(tmp_path / "home"))
    with socket.socket() as there:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        there.bind(("127.0.0.1", 0))
        there.listen()
        port = str(there.getsockname()[1])
        assert app.main(["run", "--port", port]) == 1
    assert f"http://127.0.0.1:{port}/" in capsys.readouterr().err
    assert not (tmp_path / "home").exists(), "nothing is begun before that is known"
    with pytest.raises(SystemExit):
        app.main(["run", "--port", "99999"])


def test_what_is_not_there_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["--lang", "en", "check", str(tmp_path / "none")]) == 1
    told = capsys.readouterr().out
    assert "SYS054" in told
    assert str(tmp_path / "none") in told
    (tmp_path / "file").touch()
    monkeypatch.setenv("GUIJU_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("GUIJU_DEFINITIONS", str(Path(__file__).parent / "definitions" / "office"))
    monkeypatch.setenv("GUIJU_NODE", "test")
    assert app.main(["db", "plan"]) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err
