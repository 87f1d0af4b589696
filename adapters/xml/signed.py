"""The XML side of enveloped signatures: the port `XmlSignatures`.

In: documents in bytes, parts of a signature. Out: canonical bytes (Canonical XML 1.0 without comments) and documents.
One signature, a child of the root, over the whole document (URI=""), enveloped: what says otherwise is refused, for a
signature that holds over something else is worth nothing. Knows no cryptography.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from lxml import etree

from engine.model.crypto import UNSIGNED, CryptoRefused, Fault, SignatureParts

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_ENVELOPED = _DSIG + "enveloped-signature"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_MOST = 64 << 20
_LINE = 76


class LxmlSignatures:
    """Implements `engine.ports.crypto.XmlSignatures`."""

    def digested(self, document: bytes) -> bytes:
        """The canonical form of the document, which must not be signed yet. Refuses `message`."""
        root = _parsed(document)
        if next(root.iter(_ds("Signature")), None) is not None:
            raise CryptoRefused(Fault.MESSAGE, "signed already")
        return _canonical(root)

    def place(self, document: bytes, signature: SignatureParts, *, before: str = "") -> tuple[bytes, bytes]:
        """The document with the signature, its value empty; the canonical form of its SignedInfo there."""
        root = _parsed(document)
        element = _built(signature)
        following = root.find(before) if before else None
        if following is None:
            root.append(element)
        else:
            following.addprevious(element)
        # Written and read again: what is signed is what whoever receives it reads.
        written = _written(root)
        return written, _canonical(_one(_the_signature(_parsed(written)), "SignedInfo"))

    def fill(self, document: bytes, value: str) -> bytes:
        """The document with the value."""
        root = _parsed(document)
        _one(_the_signature(root), "SignatureValue").text = value
        return _written(root)

    def take(self, document: bytes) -> tuple[SignatureParts, bytes, bytes]:
        """The signature, its SignedInfo and the document without it, both canonical. Refuses `message`."""
        root = _parsed(document)
        signature = _the_signature(root)
        parts, signed_info = _read(signature), _canonical(_one(signature, "SignedInfo"))
        _remove(signature)
        return parts, signed_info, _canonical(root)


def _parsed(document: bytes) -> etree._Element:
    if len(document) > _MOST:
        raise CryptoRefused(Fault.MESSAGE, "too large")
    parser = etree.XMLParser(
        no_network=True, resolve_entities=False, load_dtd=False, huge_tree=False, strip_cdata=False
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise CryptoRefused(Fault.MESSAGE, "not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise CryptoRefused(Fault.MESSAGE, "declares a document type")
    return root


def _canonical(element: etree._Element) -> bytes:
    """The inclusive canonical form of an element where it stands: with the namespaces, `xml:lang` and the like of what
    is around it."""
    above = list(element.iterancestors())
    inherited = {
        name: value for one in reversed(above) for name, value in one.attrib.items() if str(name).startswith(_XML)
    }
    for name, value in inherited.items():
        if name not in element.attrib:
            element.set(name, value)
    target = element if above else element.getroottree()
    try:
        return etree.tostring(target, method="c14n", exclusive=False, with_comments=False, with_tail=False)
    except etree.C14NError:  # a namespace that is no absolute address has no canonical form
        raise CryptoRefused(Fault.MESSAGE, "no canonical form") from None


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def _ds(name: str) -> str:
    return f"{{{_DSIG}}}{name}"


def _the_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(_ds("Signature")))
    if not found:
        raise CryptoRefused(Fault.MESSAGE, UNSIGNED)
    if len(found) != 1 or found[0].getparent() is not root:
        raise CryptoRefused(Fault.MESSAGE, "not one signature beneath the root")
    return found[0]


def _one(of: etree._Element, name: str) -> etree._Element:
    found = of.findall(_ds(name))
    if len(found) != 1:
        raise CryptoRefused(Fault.MESSAGE, f"not one {name}")
    return found[0]


def _remove(signature: etree._Element) -> None:
    """Take the signature out; the text behind it belongs to the document."""
    parent, previous = signature.getparent(), signature.getprevious()
    assert parent is not None
    if signature.tail:
        if previous is None:
            parent.text = (parent.text or "") + signature.tail
        else:
            previous.tail = (previous.tail or "") + signature.tail
    parent.remove(signature)


def _built(parts: SignatureParts) -> etree._Element:
    signature = etree.Element(_ds("Signature"), nsmap={"ds": _DSIG})
    info = etree.SubElement(signature, _ds("SignedInfo"))
    etree.SubElement(info, _ds("CanonicalizationMethod"), Algorithm=_C14N)
    etree.SubElement(info, _ds("SignatureMethod"), Algorithm=parts.signature_method)
    reference = etree.SubElement(info, _ds("Reference"), URI="")
    transforms = etree.SubElement(reference, _ds("Transforms"))
    etree.SubElement(transforms, _ds("Transform"), Algorithm=_ENVELOPED)
    etree.SubElement(reference, _ds("DigestMethod"), Algorithm=parts.digest_method)
    etree.SubElement(reference, _ds("DigestValue")).text = b64encode(parts.digest_value).decode()
    etree.SubElement(signature, _ds("SignatureValue"))
    key = etree.SubElement(signature, _ds("KeyInfo"))
    if parts.key_name:
        etree.SubElement(key, _ds("KeyName")).text = parts.key_name
    if parts.certificate:
        data = etree.SubElement(key, _ds("X509Data"))
        etree.SubElement(data, _ds("X509Certificate")).text = b64encode(parts.certificate).decode()
    return signature


def _read(signature: etree._Element) -> SignatureParts:
    info = _one(signature, "SignedInfo")
    reference = _one(info, "Reference")
    transforms = [one.get("Algorithm") for one in _one(reference, "Transforms")]
    if _method(info, "CanonicalizationMethod") != _C14N or transforms not in ([_ENVELOPED], [_ENVELOPED, _C14N]):
        raise CryptoRefused(Fault.MESSAGE, "another canonical form or other transforms")
    if reference.get("URI") != "":
        raise CryptoRefused(Fault.MESSAGE, "a reference to something else")
    certificate = signature.findtext(f"{_ds('KeyInfo')}/{_ds('X509Data')}/{_ds('X509Certificate')}")
    return SignatureParts(
        _method(info, "SignatureMethod"),
        _method(reference, "DigestMethod"),
        _decoded(_one(reference, "DigestValue").text),
        (signature.findtext(f"{_ds('KeyInfo')}/{_ds('KeyName')}") or "").strip(),
        _decoded(certificate),
        _decoded(_one(signature, "SignatureValue").text),
    )


def _method(of: etree._Element, name: str) -> str:
    return _one(of, name).get("Algorithm") or ""


def _decoded(text: str | None) -> bytes:
    try:
        return b64decode("".join((text or "").split()), validate=True)
    except ValueError:
        raise CryptoRefused(Fault.MESSAGE, "not Base64") from None
