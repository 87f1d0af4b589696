"""`guiju as2`: keys are made and brought sealed, certificates go in and out and are warned of, a partner plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import app
from engine.commands.verbs import main
from engine.ports.partners import Play
from tests.adapters.certificates import pems

PLAYS = ("--own", "A", "--partner", "B", "--key", "a", "--certificate", "b")


@pytest.fixture
def node(tmp_path: Path) -> app.Office:
    return app.Office(app.Settings.of({"GUIJU_HOME": str(tmp_path / "var"), "GUIJU_DEFINITIONS": str(tmp_path)}))


@pytest.fixture
def guiju(node: app.Office, capsys: Any) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = main(node, ["--lang", "en", "as2", *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_keys_are_sealed_and_certificates_come_out(guiju: Any, node: app.Office, tmp_path: Path) -> None:
    key, certificate = pems("us")
    (tmp_path / "own.pem").write_bytes(key)
    assert guiju("bring", "us.pem", tmp_path / "own.pem")[0] == 0
    lies = (tmp_path / "var" / "keys" / "as2" / "us.pem").read_bytes()
    assert b"PRIVATE" not in lies
    assert guiju("certificate", "us.pem")[1] == certificate.decode()
    assert guiju("certificate", "us.pem", "--out", tmp_path / "us.cer")[0] == 0
    assert guiju("admit", "them.pem", tmp_path / "us.cer")[0] == 0
    ends = node.partner_keys().ends("us.pem", "them.pem")
    assert ends.own == ends.partner
    (tmp_path / "var" / "keys" / "as2" / "other.pem").write_bytes(lies)
    with pytest.raises(ValueError, match="renamed"):
        node.partner_keys().ends("other.pem", "them.pem")


def test_what_ends_soon_or_lies_open_is_warned_of(guiju: Any, tmp_path: Path) -> None:
    assert guiju("keys")[:2] == (0, "0 files\n")
    assert guiju("create", "a.pem", "--subject", "US")[1].startswith("-----BEGIN CERTIFICATE")
    assert guiju("keys")[0] == 0
    (tmp_path / "soon.cer").write_bytes(pems("them")[1])
    assert guiju("admit", "soon.pem", tmp_path / "soon.cer")[0] == 0
    (tmp_path / "var" / "keys" / "as2" / "open.pem").write_bytes(pems("us")[0])
    code, told, _ = guiju("keys", "--json")
    found = {one["name"]: (one["side"], one["word"]) for one in json.loads(told)}
    assert (code, found["a.pem"], found["soon.pem"]) == (1, ("own", "holds"), ("partner's", "ends within thirty days"))
    assert "is not sealed" in found["open.pem"][1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("certificate", "none.pem"), 2, "none.pem"),
        (("certificate", "../x"), 1, "letters"),
        (("admit", "a.pem", "{junk}"), 1, "no certificate"),
        (("bring", "a.pem", "{junk}"), 1, "PEM"),
        ((), 2, "which"),
        (("partner", "{junk}", *PLAYS, "--answers", "?"), 2, "?"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(guiju: Any, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    (tmp_path / "junk").write_bytes(b"junk")
    found = guiju(*(one.format(junk=tmp_path / "junk") for one in arguments))
    assert found[0] == code
    assert said in found[2]


def test_own_keys_are_not_overwritten(guiju: Any, tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_bytes(pems("us")[0])
    (tmp_path / "us.cer").write_bytes(pems("us")[1])
    assert guiju("bring", "us.pem", tmp_path / "own.pem")[0] == 0
    assert "already" in guiju("bring", "us.pem", tmp_path / "own.pem")[2]
    assert "own key" in guiju("admit", "us.pem", tmp_path / "us.cer")[2]


@pytest.mark.parametrize("ftp", ["", "us:secret"])
def test_a_partner_plays_until_it_is_stopped(node: app.Office, tmp_path: Path, ftp: str) -> None:
    keys, told = node.partner_keys(), []
    keys.bring("them.pem", pems("THEM")[0])
    keys.admit("us.pem", pems("us")[1])
    play = Play(tmp_path / "play", "THEM", "US", "them.pem", "us.pem", "127.0.0.1", 0, ("good",), ftp=ftp)

    def stop(address: str) -> None:
        told.append(address)
        raise KeyboardInterrupt

    assert node.play_partner(play, stop) == 0
    assert told[0].startswith("ftp://127.0.0.1:" if ftp else "http://127.0.0.1:")
    assert (tmp_path / "play" / "send").is_dir()
