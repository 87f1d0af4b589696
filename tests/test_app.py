"""The command line of the composition root."""

import pytest

import app


def test_without_a_verb_the_verbs_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--lang", "en"]) == 2
    assert "usage: guiju" in capsys.readouterr().out
