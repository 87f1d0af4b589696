"""A certificate authority for trials: roots, leaves and revocation lists with SM2, made anew for each test."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import core, crl, keys, x509

from adapters.crypto.asn1 import SM2_CURVE, SM2_WITH_SM3
from adapters.crypto.curve import octets
from adapters.crypto.libraries import library
from adapters.crypto.provider import Trial
from engine.model.crypto import KeyKind, NewKey, SignatureForm

BEGINS, ENDS = datetime(2026, 1, 1), datetime(2030, 1, 1)
NOW = datetime(2026, 11, 22, 12)
ALGORITHM = {"algorithm": SM2_WITH_SM3}


@dataclass
class Owner:
    """A name with a key in the trial's memory and a certificate."""

    name: str
    key: str
    secret: bytes
    certificate: bytes = b""


class Authority:
    """Issues with the keys of a trial."""

    def __init__(self):
        self.provider = Trial(library())
        self._serial = 100

    def owner(self, name, number=None):
        secret = octets(number or 7_000_000 + self._serial + len(self.provider.keys()))
        return Owner(name, self.provider.adopt(NewKey(KeyKind.SM2, secret)), secret)

    def issue(self, subject, issuer, *, ca=False, usage=("digital_signature",), begins=BEGINS, ends=ENDS):
        """Give the subject a certificate; what it is known by is adopted anew with it."""
        self._serial += 1
        public = self.provider.public(subject.key).data
        curve = {"algorithm": "ec", "parameters": keys.ECDomainParameters(("named", keys.NamedCurve(SM2_CURVE)))}
        extensions = [
            {"extn_id": "basic_constraints", "critical": True, "extn_value": x509.BasicConstraints({"ca": ca})},
            {"extn_id": "key_usage", "critical": True, "extn_value": x509.KeyUsage(set(usage))},
        ]
        content = x509.TbsCertificate(
            {
                "version": "v3",
                "serial_number": self._serial,
                "signature": ALGORITHM,
                "issuer": _name(issuer.name),
                "validity": {"not_before": _time(begins), "not_after": _time(ends)},
                "subject": _name(subject.name),
                "subject_public_key_info": {"algorithm": curve, "public_key": keys.ECPointBitString(b"\x04" + public)},
                "extensions": extensions,
            }
        )
        subject.certificate = x509.Certificate(
            {
                "tbs_certificate": content,
                "signature_algorithm": ALGORITHM,
                "signature_value": self._signed(issuer, content),
            }
        ).dump()
        subject.key = self.provider.adopt(NewKey(KeyKind.SM2, subject.secret), subject.certificate)
        return subject

    def root(self, name="Root"):
        owner = self.owner(name)
        return self.issue(owner, owner, ca=True, usage=("key_cert_sign", "crl_sign"))

    def revoke(self, issuer, *owners, until=ENDS):
        """A revocation list."""
        serials = [x509.Certificate.load(owner.certificate).serial_number for owner in owners]
        content = {
            "version": "v2",
            "signature": ALGORITHM,
            "issuer": _name(issuer.name),
            "this_update": _time(BEGINS),
            "next_update": _time(until),
        }
        if serials:
            entries = [{"user_certificate": one, "revocation_date": _time(BEGINS)} for one in serials]
            content["revoked_certificates"] = entries
        told = crl.TbsCertList(content)
        return crl.CertificateList(
            {"tbs_cert_list": told, "signature_algorithm": ALGORITHM, "signature": self._signed(issuer, told)}
        ).dump()

    def _signed(self, issuer, content):
        signature = self.provider.sm2_sign(issuer.key, content.dump(), form=SignatureForm.DER)
        return core.OctetBitString(signature)


def _name(common):
    return x509.Name.build({"country_name": "CN", "common_name": common})


def _time(moment):
    return x509.Time({"utc_time": moment.replace(tzinfo=UTC)})
