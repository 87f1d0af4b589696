import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.crypto.keys import KeyFileError, KeyRing, open_key_file, rotate_key_file


def test_first_start_makes_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "fields.key"
    ring = open_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key_file(path) == ring
    assert [file.name for file in path.parent.iterdir()] == ["fields.key"]


def test_processes_that_start_at_once_have_the_same_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(open_key_file, [tmp_path / "fields.key"] * 8))
    assert all(ring == rings[0] for ring in rings)


def test_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fields.key"
    open_key_file(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="0640"):
        open_key_file(path)


def test_rotation_keeps_old_keys_and_the_index_key(tmp_path: Path) -> None:
    path = tmp_path / "fields.key"
    first, second = open_key_file(path), rotate_key_file(path)
    assert (first.current, second.current) == ("k1", "k2")
    assert second.keys["k1"] == first.keys["k1"]
    assert second.index == first.index
    assert open_key_file(path) == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_ring_comes_from_text_too() -> None:
    ring = KeyRing.fresh()
    assert KeyRing.parse(ring.text()) == ring


def _damaged() -> dict[str, str]:
    ring = json.loads(KeyRing.fresh().text())
    return {
        "no json": "k1=00",
        "nothing": "null",
        "no keys": json.dumps({**ring, "keys": {}}),
        "short key": json.dumps({**ring, "keys": {"k1": "00"}}),
        "short index": json.dumps({**ring, "index": "00"}),
        "unknown current": json.dumps({**ring, "current": "k9"}),
        "id with a dot": json.dumps({**ring, "current": "k.1", "keys": {"k.1": ring["keys"]["k1"]}}),
    }


@pytest.mark.parametrize("what", _damaged())
def test_damaged_ring_is_refused_without_showing_it(what: str) -> None:
    with pytest.raises(KeyFileError) as caught:
        KeyRing.parse(_damaged()[what])
    assert caught.value.__cause__ is None


def test_keys_are_not_shown() -> None:
    ring = KeyRing.fresh()
    shown = repr(ring)
    assert "keys=" not in shown
    assert str(ring.index) not in shown
