"""The command line of the composition root."""

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
    assert [app.Settings.of(said).proxies for said in ({}, {"GUIJU_PROXIES": "2"}, {"GUIJU_PROXIES": "-1"})] == [
        0,
        2,
        0,
    ]
