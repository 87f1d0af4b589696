"""Packages of versions: signed, judged, unpacked whole or not at all."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.versions import package as packages
from adapters.versions.places import BUILT_IN, Versions
from adapters.versions.staging import Staging
from engine.model.node_care import CareFault, CareRefused

SIGNED = b"signed:"


def believes(manifest: bytes, signature: bytes) -> None:
    if signature != SIGNED + manifest:
        raise CareRefused(CareFault.FOREIGN)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    definitions = tmp_path / "definitions"
    (definitions / "a").mkdir(parents=True)
    (definitions / "a" / "system.yaml").write_text("system: a\n")
    (definitions / ".hidden").write_text("no")
    wheel = tmp_path / "guiju-2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("app.py", "print(2)")
    out = tmp_path / "v2.zip"
    packages.make(out, "v2", "第二版", "digest", {"definitions": definitions, "program": wheel})
    packages.sign(out, lambda manifest: SIGNED + manifest)
    return out


def staging(tmp_path: Path, why: str = "") -> Staging:
    return Staging(Versions(tmp_path / "versions"), believes, lambda _: why)


def refused(act: Callable[[], object]) -> CareFault:
    with pytest.raises(CareRefused) as caught:
        act()
    return caught.value.fault


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as found:
        content = {name: found.read(name) for name in found.namelist()}
    change(content)
    with zipfile.ZipFile(path, "w") as made:
        for name, data in content.items():
            made.writestr(name, data)


def test_a_package_is_taken_and_told_of(package: Path, tmp_path: Path) -> None:
    own = staging(tmp_path)
    taken = own.take(package)
    place = tmp_path / "versions" / "v2"
    assert (place / "definitions" / "a" / "system.yaml").read_text() == "system: a\n"
    assert (place / "program" / "app.py").exists()
    assert not (place / "definitions" / ".hidden").exists()
    assert own.take(package) == taken
    built_in, one = own.rows()
    assert (built_in.name, built_in.current) == (BUILT_IN, True)
    assert (one.name, one.about, one.version, one.program, one.definitions) == ("v2", "第二版", "digest", True, True)
    own.install("v2")
    assert own.versions.chosen() == "v2"
    assert own.rows()[1].wanted
    assert refused(own.rollback) is CareFault.MISSING
    own.versions.switch("v2")
    assert own.versions.current() == "v2"
    environment = own.versions.environment("v2", {})
    assert environment["PYTHONPATH"] == str(place / "program")
    assert environment["GUIJU_DEFINITIONS"] == str(place / "definitions")


def unsigned(content: dict[str, bytes]) -> None:
    del content["manifest.p7"]


def by_another(content: dict[str, bytes]) -> None:
    content["manifest.p7"] = b"other"


def altered(content: dict[str, bytes]) -> None:
    content["definitions/a/system.yaml"] = b"system: b\n"


def added(content: dict[str, bytes]) -> None:
    content["definitions/a/more.yaml"] = b""


def missing(content: dict[str, bytes]) -> None:
    del content["program/app.py"]


def other_terms(content: dict[str, bytes]) -> None:
    content["manifest.json"] = content["manifest.json"].replace("第二版".encode(), "第三版".encode())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (unsigned, CareFault.BROKEN),
        (by_another, CareFault.FOREIGN),
        (altered, CareFault.BROKEN),
        (added, CareFault.BROKEN),
        (missing, CareFault.BROKEN),
        (other_terms, CareFault.FOREIGN),
    ],
)
def test_what_was_altered_is_refused(
    package: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], fault: CareFault
) -> None:
    rewritten(package, change)
    own = staging(tmp_path)
    assert refused(lambda: own.take(package)) is fault
    assert own.versions.names() == []


@pytest.mark.parametrize("path", ["../up", "definitions/../../up", "elsewhere/x", "definitions"])
def test_a_package_stays_in_its_folder(package: Path, tmp_path: Path, path: str) -> None:
    def change(content: dict[str, bytes]) -> None:
        told = json.loads(content["manifest.json"])
        told["files"][path] = told["files"].pop("program/app.py")
        content["manifest.json"] = json.dumps(told).encode()
        content["manifest.p7"] = SIGNED + content["manifest.json"]
        content[path] = content.pop("program/app.py")

    rewritten(package, change)
    assert refused(lambda: staging(tmp_path).take(package)) is CareFault.BROKEN


@pytest.mark.parametrize("content", [b"", b"PK", b"nothing of the kind" * 100])
def test_what_is_no_package_is_broken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert refused(lambda: staging(tmp_path).take(tmp_path / "x.zip")) is CareFault.BROKEN


def test_a_list_of_files_that_is_too_long_is_not_read(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_MOST_LIST", 40)
    assert refused(lambda: staging(tmp_path).take(package)) is CareFault.BROKEN


def test_a_longer_form_of_the_list_is_not_read(package: Path, tmp_path: Path) -> None:
    content = package.read_bytes()
    at = content.rfind(b"PK\x05\x06")
    package.write_bytes(content[:at] + b"PK\x06\x07" + bytes(16) + content[at:])
    assert refused(lambda: staging(tmp_path).take(package)) is CareFault.BROKEN


@pytest.mark.parametrize("name", ["", "..", "a/b", ".x", "x" * 61])
def test_names_are_plain(tmp_path: Path, name: str) -> None:
    assert refused(lambda: packages.make(tmp_path / "x.zip", name, "", "", {})) is CareFault.BROKEN


def test_an_unfit_version_is_not_kept(package: Path, tmp_path: Path) -> None:
    assert refused(lambda: staging(tmp_path, "errors").take(package)) is CareFault.UNFIT
    assert list((tmp_path / "versions").glob("*")) == []
    assert refused(lambda: staging(tmp_path).install("v2")) is CareFault.MISSING


def test_another_content_under_a_name_that_is_here_is_refused(package: Path, tmp_path: Path) -> None:
    own = staging(tmp_path)
    own.take(package)
    packages.make(tmp_path / "again.zip", "v2", "", "", {"definitions": tmp_path / "definitions"})
    packages.sign(tmp_path / "again.zip", lambda manifest: SIGNED + manifest)
    assert refused(lambda: own.take(tmp_path / "again.zip")) is CareFault.UNFIT


def test_no_room_is_told(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.versions.staging.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1}))
    assert refused(lambda: staging(tmp_path).take(package)) is CareFault.ROOM


def test_old_versions_go(package: Path, tmp_path: Path) -> None:
    own = staging(tmp_path)
    for number in range(6):
        path = tmp_path / f"{number}.zip"
        packages.make(path, f"n{number}", "", "", {"definitions": tmp_path / "definitions"})
        packages.sign(path, lambda manifest: SIGNED + manifest)
        own.take(path)
    own.versions.switch("n0")
    own.install("n5")
    assert own.versions.names() == ["n0", "n2", "n3", "n4", "n5"]
