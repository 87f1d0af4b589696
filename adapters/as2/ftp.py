"""A partner's FTP server: folders with files that are put whole, fetched whole, and claimed by renaming them.

In: an address `ftp://user:password@host:21/base`, or `ftps://` for TLS asked for by AUTH (RFC 4217), whose certificate
is verified. Out: names and bytes, or DeliveryError. One connection, opened when it is needed and dropped at any fault;
used by one thread at a time. Knows no AS3. Messages are signed and encrypted: plain FTP shows who and when.
"""

from __future__ import annotations

import ftplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote, urlsplit

from engine.problems import DeliveryError, Incident

SECONDS = 30.0
PART = ".part"
_PORT = 21
_GONE = frozenset({"450", "550"})
_NAMES = 10_000
_Act = Callable[[ftplib.FTP], object]


class Gone(Exception):
    """There is no such file, or no longer: somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a folder: its name, when it was changed as the server writes that, and its size where that is told."""

    name: str
    changed: str = ""
    size: int | None = None


class FtpFolder:
    """Files below one address."""

    def __init__(self, name: str, url: str, *, seconds: float = SECONDS, authority: str = "") -> None:
        """`authority` is PEM of who certifies the server; the system's authorities where it is empty. Raises ValueError
        for an address that is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("ftp", "ftps") or not parts.hostname:
            raise ValueError("the address is no ftp:// or ftps://")
        self._name, self._seconds, self._authority = name, seconds, authority
        self._secure, self._host, self._port = parts.scheme == "ftps", parts.hostname, parts.port or _PORT
        self._account = unquote(parts.username or "anonymous"), unquote(parts.password or "")
        self._base = parts.path.rstrip("/")
        self._ftp: ftplib.FTP | None = None

    def files(self, folder: str) -> list[Listed]:
        """What lies in a folder, oldest first; folders and hidden files apart. Raises DeliveryError."""
        path = self._path(folder)
        try:
            found = list(self._opened().mlsd(path, ["type", "modify", "size"]))[:_NAMES]
        except ftplib.error_perm as refused:
            if str(refused)[:3] not in ("500", "501", "502", "504"):
                raise self._failed(refused) from None
            return self._plain_names(path)
        except ftplib.all_errors as fault:
            raise self._failed(fault) from None
        files = [(name, told) for name, told in found if told.get("type", "file") == "file" and name[:1] != "."]
        listed = [Listed(name, told.get("modify", ""), _whole(told.get("size", ""))) for name, told in files]
        return sorted(listed, key=lambda one: (one.changed, one.name))

    def _plain_names(self, path: str) -> list[Listed]:
        """The same of a server that knows no MLSD (RFC 3659)."""
        try:
            names = self._opened().nlst(path)
        except ftplib.error_perm as refused:
            if str(refused)[:3] in _GONE:  # so some servers say that nothing is there
                return []
            raise self._failed(refused) from None
        except ftplib.all_errors as fault:
            raise self._failed(fault) from None
        plain = sorted(one.rpartition("/")[2] for one in names)
        return [Listed(one) for one in plain if one[:1] != "."][:_NAMES]

    def fetch(self, path: str, most: int) -> bytes:
        """The content of a file, no more than `most` and one byte. Raises Gone, DeliveryError: also where the
        connection ended before the file did."""
        content = BytesIO()

        def take(block: bytes) -> None:
            if content.tell() <= most:
                content.write(block[: most + 1 - content.tell()])

        self._done(lambda ftp: ftp.retrbinary(f"RETR {self._path(path)}", take))
        return content.getvalue()

    def put(self, path: str, content: bytes) -> None:
        """Write a file: under another name first, so that it appears whole or not at all. Raises DeliveryError."""
        part = self._path(path) + PART
        try:
            self._done(lambda ftp: ftp.storbinary(f"STOR {part}", BytesIO(content)))
            self._done(lambda ftp: ftp.voidcmd("TYPE I"))
            told = self._size(part)
            if told is not None and told != len(content):
                raise DeliveryError(Incident(self._name, f"{told} of {len(content)} bytes were written"))
            with suppress(Gone):  # not every server renames over a file that is there
                self._done(lambda ftp: ftp.delete(self._path(path)))
            self._done(lambda ftp: ftp.rename(part, self._path(path)))
        except Gone:
            raise DeliveryError(Incident(self._name, "what was written is not there")) from None

    def move(self, path: str, to: str) -> None:
        """Rename a file. Raises Gone, DeliveryError."""
        self._done(lambda ftp: ftp.rename(self._path(path), self._path(to)))

    def remove(self, path: str) -> None:
        """Remove a file. Raises Gone, DeliveryError."""
        self._done(lambda ftp: ftp.delete(self._path(path)))

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        ftp, self._ftp = self._ftp, None
        if ftp is not None:
            with suppress(*ftplib.all_errors):
                ftp.quit()
            ftp.close()

    def _size(self, path: str) -> int | None:
        try:
            return self._opened().size(path)
        except ftplib.error_perm:
            return None  # the server does not tell sizes
        except ftplib.all_errors as fault:
            raise self._failed(fault) from None

    def _done(self, act: _Act) -> None:
        try:
            act(self._opened())
        except ftplib.error_perm as refused:
            if str(refused)[:3] in _GONE:
                raise Gone(str(refused)[:200]) from None
            raise self._failed(refused) from None
        except ftplib.all_errors as fault:
            raise self._failed(fault) from None

    def _opened(self) -> ftplib.FTP:
        if self._ftp is None:
            ftp = self._fresh()
            try:
                ftp.connect(self._host, self._port, self._seconds)
                ftp.login(*self._account)
                if isinstance(ftp, ftplib.FTP_TLS):
                    ftp.prot_p()
            except ftplib.all_errors as fault:
                ftp.close()
                raise self._failed(fault) from None
            self._ftp = ftp
        return self._ftp

    def _fresh(self) -> ftplib.FTP:
        if not self._secure:
            return ftplib.FTP(encoding="utf-8")  # noqa: S321 -- the node file chooses
        context = ssl.create_default_context(cadata=self._authority or None)
        return ftplib.FTP_TLS(context=context, encoding="utf-8")  # noqa: S321

    def _failed(self, fault: BaseException) -> DeliveryError:
        """What the server said, without the account; the connection is not used again."""
        ftp, self._ftp = self._ftp, None
        if ftp is not None:
            ftp.close()
        said = str(fault)[:200] if isinstance(fault, ftplib.Error) else type(fault).__name__
        return DeliveryError(Incident(self._name, f"FTP: {said}"))

    def _path(self, path: str) -> str:
        return f"{self._base}/{path}" if path else self._base or "/"


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
