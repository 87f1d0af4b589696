"""Signatures on messages: which algorithms a profile names, how an XML document is signed and verified.

Pure: cryptography, XML and keys come through `engine.ports.crypto`. `profiles` says what there is, `xmldsig` and
`values` sign, `vectors` tries providers on published cases.
"""
