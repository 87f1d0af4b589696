"""`guiju crypto`: keys are made and used, files signed and verified, vectors tried, a client admitted."""

import base64
import io
import json
import re
import shutil
import stat
from pathlib import Path

import pytest

import app
from engine.commands.verbs import main
from tests.adapters.crypto.authority import Authority

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests/data/crypto-vectors.json"


@pytest.fixture
def node(tmp_path):
    return app.Office(app.Settings.of({"GUIJU_HOME": str(tmp_path / "var"), "GUIJU_DEFINITIONS": str(tmp_path)}))


@pytest.fixture
def guiju(node, capsys):
    """Run the verb in English; its exit code, what it printed, what it complained of."""

    def run(*arguments):
        code = main(node, ["--lang", "en", "crypto", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "message.xml"
    path.write_text('<m:Message xmlns:m="urn:m"><m:Name>张三</m:Name></m:Message>', encoding="utf-8")
    return path


def subset(tmp_path, **sections):
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps(sections), encoding="utf-8")
    return path


def test_every_case_is_named_and_one_that_fails_is_an_exit_code(guiju, tmp_path):
    known = json.loads(VECTORS.read_text(encoding="utf-8"))
    path = subset(tmp_path, sm3=known["sm3"][:3], sm2_sign_test_curve=known["sm2_sign_test_curve"])
    code, out, _ = guiju("selftest", "--vectors", path, "--provider", "gmssl-pyx")
    assert code == 0
    assert re.findall(r"^gmssl-pyx\t(\w+)\t(\w+)\t", out, re.MULTILINE) == [
        ("ok", "start"), *[("ok", "sm3")] * 3, ("unable", "sm2_sign_test_curve"),
    ]  # fmt: skip
    assert out.splitlines()[-1] == "gmssl-pyx: 4 ok, 0 failed, 1 unable"
    known["sm3"][1]["digest"] = "00" * 32
    path = subset(tmp_path, sm3=known["sm3"][:3])
    code, out, _ = guiju("selftest", "--vectors", path, "--json")
    told = json.loads(out)
    assert (code, {one["provider"] for one in told}) == (1, set(node_names(guiju)))
    assert {one["name"].split()[0] for one in told if one["result"] == "failed"} == {"2"}


def node_names(guiju):
    _, _, complaint = guiju("selftest", "--provider", "none")
    return complaint.strip().partition("there are: ")[2].split(", ")


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_file_that_holds_no_vectors_is_told(guiju, tmp_path, content):
    path = tmp_path / "vectors.json"
    path.write_text(content)
    assert guiju("selftest", "--vectors", path)[0] == 2
    assert guiju("selftest", "--vectors", tmp_path / "none.json")[0] == 2
    assert guiju("selftest", "--provider", "none")[0] == 2


def test_a_document_is_signed_with_a_key_and_verified_by_its_certificate(guiju, node, document, tmp_path):
    authority = Authority()
    root = authority.root()
    assert guiju("create", "enterprise")[0] == 0
    public = node.crypto().desk.key("enterprise").secret
    owner = authority.issue(authority.owner("Enterprise", int.from_bytes(public, "big")), root)
    certificate, signed = tmp_path / "enterprise.cer", tmp_path / "signed.xml"
    certificate.write_bytes(owner.certificate)
    trusted = node.settings.home / "keys/trusted"
    trusted.mkdir()
    (trusted / "root.cer").write_bytes(root.certificate)
    assert guiju("certify", "enterprise", certificate)[0] == 0
    assert guiju("sign", document, "--key", "enterprise", "--out", signed, "--before", "{urn:m}Name")[0] == 0
    assert signed.read_text(encoding="utf-8").endswith("</ds:Signature><m:Name>张三</m:Name></m:Message>")
    code, out, _ = guiju("verify", signed, "--json")
    assert (code, json.loads(out)["profile"]) == (0, "xmldsig_sm2")
    assert "Enterprise" in guiju("verify", signed)[1]
    signed.write_text(signed.read_text(encoding="utf-8").replace("张三", "李四"), encoding="utf-8")
    code, _, complaint = guiju("verify", signed)
    assert (code, complaint) == (1, "refused: the signature does not hold: what was signed was altered since\n")
    code, out, _ = guiju("keys", "--json")
    (row,) = json.loads(out)
    assert (row["name"], row["kind"], row["until"]) == ("enterprise", "sm2", "2030-01-01 00:00:00")
    assert guiju("keys")[1].splitlines()[-1].endswith(": 1 key(s)")


def test_keys_come_from_elsewhere_and_never_show(guiju, tmp_path):
    known = json.loads(VECTORS.read_text(encoding="utf-8"))["x509"]
    pem = known["ee_private_key_pkcs8_pem (test key only)_der_b64"]
    path = tmp_path / "key.pem"
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n")
    code, out, complaint = guiju("bring", "server", path)
    assert code == 0
    assert "8f5bb18b907d82826c76" not in out + complaint
    code, _, complaint = guiju("bring", "server", path)
    assert (code, complaint) == (1, "refused: not a key that can be used: there is a key server already\n")


def test_a_key_ring_that_others_may_read_is_not_used(guiju, node):
    guiju("create", "enterprise")
    node.__dict__.pop("_crypto")
    (node.settings.home / "keys/fields.key").chmod(0o644)
    code, _, complaint = guiju("keys")
    assert (code, "chmod 600" in complaint) == (1, True)


def test_what_is_wrong_is_told_in_both_languages(guiju, node, document, capsys):
    assert guiju("sign", document, "--key", "none")[::2] == (1, "refused: there is no such key: none\n")
    assert guiju("verify", document)[0] == 1
    assert guiju("sign", "none.xml", "--key", "none")[0] == 2
    assert main(node, ["crypto", "sign", str(document), "--key", "none", "--lang", "zh"]) == 1
    assert capsys.readouterr().err == "拒绝：没有这个密钥：none\n"
    with pytest.raises(SystemExit) as ended:
        guiju("create")
    assert ended.value.code == 2


def test_a_client_is_admitted_and_signs_with_keys_of_another_node(guiju, node, tmp_path, capsys):
    assert guiju("serve")[::2] == (1, "refused: this cannot be done here: no client is admitted yet\n")
    guiju("create", "enterprise")
    code, out, _ = guiju("admit", "desk", "enterprise", "--address", "http://127.0.0.1:1")
    told = json.loads(out)
    assert (code, told["client"], told["addresses"]) == (0, "desk", ["http://127.0.0.1:1"])
    clients = node.settings.home / "keys/clients.json"
    assert stat.S_IMODE(clients.stat().st_mode) == 0o600
    assert callable(node.crypto().server())
    clients.chmod(0o644)
    assert guiju("serve")[0] == 1
    elsewhere = app.Office(app.Settings.of({"GUIJU_HOME": str(tmp_path / "two"), "GUIJU_CRYPTO": "remote"}))
    (tmp_path / "two/keys").mkdir(parents=True)
    shutil.copy(clients, tmp_path / "two/keys/server.json")
    (tmp_path / "two/keys/server.json").write_text(out)
    (tmp_path / "two/keys/server.json").chmod(0o600)
    assert elsewhere.crypto().names[0] == "remote"
    assert main(elsewhere, ["--lang", "en", "crypto", "keys"]) == 1
    assert "signature server cannot be reached" in capsys.readouterr().err
    assert main(elsewhere, ["--lang", "en", "crypto", "selftest", "--provider", "remote"]) == 1


@pytest.fixture
def terminal(monkeypatch):
    """Somebody at the terminal: what is typed, line by line, and behind a PIN."""

    def typed(*lines, pins=()):
        answers, hidden = io.StringIO("".join(f"{line}\n" for line in lines)), list(pins)
        answers.isatty = lambda: True
        monkeypatch.setattr("sys.stdin", answers)
        monkeypatch.setattr("getpass.getpass", lambda prompt: hidden.pop(0) if hidden else "")

    return typed


def test_a_card_signs_when_its_bearer_agrees_and_knows_its_pin(guiju, node, document, terminal, monkeypatch):
    guiju("create", "enterprise")
    terminal(pins=["135790", "admin-135790"])
    assert guiju("simulate", "GJ-0001", "enterprise")[0] == 0
    sign = ("sign", document, "--key", "enterprise", "--provider", "token")

    def again():
        node.__dict__.pop("_crypto", None)

    again()
    terminal("n")
    assert guiju(*sign)[2].endswith("refused: its bearer did not agree\n")
    again()
    terminal("y", pins=["000000", "135790"])
    code, out, complaint = guiju(*sign)
    assert (code, "<ds:SignatureValue>" in out) == (0, True)
    assert complaint.startswith("May the device GJ-0001 be used for signing? (y/n)")
    again()
    terminal("y", pins=["000000"] * 6)
    assert guiju(*sign)[2].endswith("refused: locked after too many wrong PINs\n")
    again()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert guiju(*sign)[::2] == (1, "refused: its bearer did not agree\n")
    (node.settings.home / "keys/card.bin").unlink()
    assert guiju(*sign)[0] == 1


def test_consent_for_a_node_that_signs_unattended(guiju, node, document, terminal, monkeypatch):
    guiju("create", "enterprise")
    assert guiju("consent", "no")[::2] == (1, "refused: the device is not there\n")
    terminal(pins=["135790", "admin-135790", "000000", "135790"])
    guiju("simulate", "GJ-0001", "enterprise")
    assert guiju("consent", "yes")[::2] == (1, "refused: wrong PIN\n")
    assert guiju("consent", "yes")[0] == 0
    monkeypatch.setattr("sys.stdin", io.StringIO())
    sign = ("sign", document, "--key", "enterprise", "--provider", "token")
    assert guiju(*sign)[0] == 0
    assert guiju("consent", "no")[1] == "consent is taken back, GJ-0001 signs no more\n"
    assert guiju(*sign)[::2] == (1, "refused: its bearer did not agree\n")
    assert guiju("consent", "perhaps")[0] == 2


@pytest.mark.parametrize("kind", ["sm2", "rsa"])
def test_an_authority_of_ones_own_issues_what_its_office_believes(guiju, document, tmp_path, kind):
    request, certificate, signed = tmp_path / "firm.csr", tmp_path / "firm.cer", tmp_path / "signed.xml"
    assert guiju("authority", "office", "--out", tmp_path / "root.cer")[0] == 0
    assert guiju("create", "firm", "--kind", kind)[0] == 0
    assert guiju("request", "firm", "--subject", "Firm 1", "--out", request)[0] == 0
    assert guiju("issue", "office", request, "--days", "30", "--out", certificate)[0] == 0
    assert guiju("certify", "firm", certificate)[0] == 0
    assert guiju("sign", document, "--key", "firm", "--out", signed)[0] == 0
    code, out, _ = guiju("verify", signed)
    assert (code, "Firm 1" in out) == (0, True)
    assert request.read_text().startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    assert guiju("trust", certificate)[0] == 0


def test_an_authority_issues_for_nobody_who_has_not_the_key(guiju, tmp_path):
    guiju("authority", "office", "--out", tmp_path / "root.cer")
    guiju("create", "firm")
    guiju("request", "firm", "--out", tmp_path / "firm.csr")
    lines = (tmp_path / "firm.csr").read_text().splitlines()
    forged = bytearray(base64.b64decode("".join(lines[1:-1])))
    forged[-1] ^= 1
    (tmp_path / "forged.csr").write_bytes(bytes(forged))
    code, _, told = guiju("issue", "office", tmp_path / "forged.csr")
    assert (code, "not signed by its own key" in told) == (1, True)
    code, _, told = guiju("issue", "firm", tmp_path / "firm.csr")
    assert (code, "no certificate of its own" in told) == (1, True)
