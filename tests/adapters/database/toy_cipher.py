"""A field cipher for tests: it hides nothing well, but behaves as a real one does at its door."""

import base64
import hashlib
import itertools


class ToyCipher:
    def __init__(self) -> None:
        self._serial = itertools.count()

    def encrypt(self, text: str, context: str) -> str:
        body = f"{next(self._serial)}|{context}|{text}"
        return "toy:" + base64.b64encode(body.encode()[::-1]).decode()

    def decrypt(self, cipher_text: str, context: str) -> str:
        _, found, text = base64.b64decode(cipher_text.removeprefix("toy:"))[::-1].decode().split("|", 2)
        if found != context:
            raise ValueError("of another context")
        return text

    def blind_index(self, text: str, context: str) -> str:
        return hashlib.sha256(f"key|{context}|{text}".encode()).hexdigest()
