"""Messages that leave by HTTP: the port `Channel`. Each is POSTed to one address; 2xx says that the far side has it.
Services that are asked by it, and whose answers are kept: the port `OutsideService`.

In: messages. Out: requests over connections that are kept. The key stands in `Idempotency-Key` (draft-ietf-httpapi-
idempotency-key-header), so that the far side recognises what is sent again; kind and headers in `Message-Kind` and
`Message-NAME`, percent-encoded where they are not plain. Redirects are not followed: a message goes where the node
says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError

from engine.model.traffic import Replied
from engine.ports.services import JSON
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

SECONDS = 30.0
_PLAIN = "!#$&'*+-.^_`|~:/;=,()<>@?[]{} "
_AGAIN = frozenset({408, 409, 423, 425, 429})
"""Answers below 500 after which asking again may help."""
_MOST_ANSWER = 65_536
_MOST_REPLY = 16 << 20


class HttpChannel:
    """POSTs messages; may be used by several threads."""

    def __init__(self, name: str, url: str, *, token: str = "", seconds: float = SECONDS) -> None:
        self._name, self._url, self._token = name, url, token
        timeout = urllib3.Timeout(connect=min(10.0, seconds), read=seconds)
        self._pool = urllib3.PoolManager(retries=False, timeout=timeout, maxsize=4)

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """POST one message. Raises DeliveryError; what was refused for good is not worth another try."""
        try:
            answer = self._pool.request(
                "POST", self._url, body=body, headers=self._head(key, kind, headers), redirect=False,
                preload_content=False,
            )  # fmt: skip
            answer.read(_MOST_ANSWER)
            answer.release_conn()
        except LocationValueError:
            raise DeliveryError(Incident(self._name, "the address cannot be read", retry=False)) from None
        except HTTPError as fault:
            raise DeliveryError(Incident(self._name, type(fault).__name__)) from None
        if not 200 <= answer.status < 300:
            again = answer.status >= 500 or answer.status in _AGAIN
            raise DeliveryError(Incident(self._name, f"HTTP {answer.status}", retry=again))

    def probe(self) -> Probed:
        """Ask what may be asked there (OPTIONS, safe by RFC 9110 9.3.7): whatever the answer, the far side is there.
        Raises DeliveryError."""
        try:
            answer = self._pool.request("OPTIONS", self._url, redirect=False, preload_content=False)
            answer.release_conn()
        except LocationValueError:
            raise DeliveryError(Incident(self._name, "the address cannot be read", retry=False)) from None
        except HTTPError as fault:
            raise DeliveryError(Incident(self._name, type(fault).__name__)) from None
        return Probed(f"HTTP {answer.status}")

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()

    def _head(self, key: str, kind: str, headers: Mapping[str, str]) -> dict[str, str]:
        head = {"Content-Type": headers.get("content-type", "application/octet-stream")}
        head["Idempotency-Key"] = f'"{_plain(key)}"'
        head["Message-Kind"] = _plain(kind)
        for name, value in headers.items():
            if name != "content-type":
                head[f"Message-{quote(name, safe='-_')}"] = _plain(value)
        if self._token:
            head["Authorization"] = f"Bearer {self._token}"
        return head


@dataclass(frozen=True, slots=True)
class Posted:
    """What came back of a POST: heads by lower-case name."""

    status: int
    heads: Mapping[str, str]
    body: bytes


class HttpPoster:
    """POSTs to one address with heads of somebody else's making, and gives the answer. Threads may share it."""

    def __init__(self, name: str, url: str, *, seconds: float = SECONDS) -> None:
        self._name, self._url, self._channel = name, url, HttpChannel(name, url, seconds=seconds)
        timeout = urllib3.Timeout(connect=min(10.0, seconds), read=seconds)
        self._pool = urllib3.PoolManager(retries=False, timeout=timeout, maxsize=4)

    def post(self, body: bytes, heads: Mapping[str, str], at: str = "") -> Posted:
        """POST once, to another address where one is said. Raises DeliveryError where no answer comes; an answer of
        more than 64 KB is cut off there."""
        try:
            answer = self._pool.request(
                "POST", at or self._url, body=body, headers=dict(heads), redirect=False, preload_content=False
            )
            content = answer.read(_MOST_ANSWER)
            answer.release_conn()
        except LocationValueError:
            raise DeliveryError(Incident(self._name, "the address cannot be read", retry=False)) from None
        except HTTPError as fault:
            raise DeliveryError(Incident(self._name, type(fault).__name__)) from None
        return Posted(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)

    def probe(self) -> Probed:
        """As a channel's. Raises DeliveryError."""
        return self._channel.probe()

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()
        self._channel.close()


class HttpService:
    """Asks a service and gives its answer: the port `OutsideService`. May be used by several threads."""

    def __init__(self, name: str, url: str, *, token: str = "") -> None:
        self._name, self._url, self._token = name, url.rstrip("/"), token
        self._pool = urllib3.PoolManager(retries=False, maxsize=4)

    def ask(
        self, body: bytes, *, method: str, path: str, key: str, kind: str, seconds: float, media: str = JSON
    ) -> Replied:
        """Ask once. Raises DeliveryError where no answer comes, or one of more than 16 MB."""
        longest = seconds or SECONDS
        head = {"Content-Type": media, "Idempotency-Key": f'"{_plain(key)}"', "Message-Kind": _plain(kind)}
        if self._token:
            head["Authorization"] = f"Bearer {self._token}"
        timeout = urllib3.Timeout(connect=min(10.0, longest), read=longest)
        try:
            answer = self._pool.request(
                method, f"{self._url}{path}", body=body, headers=head, redirect=False, preload_content=False,
                timeout=timeout,
            )  # fmt: skip
            content = answer.read(_MOST_REPLY + 1)
            answer.release_conn()
        except LocationValueError:
            raise DeliveryError(Incident(self._name, "the address cannot be read", retry=False)) from None
        except HTTPError as fault:
            raise DeliveryError(Incident(self._name, type(fault).__name__)) from None
        if len(content) > _MOST_REPLY:
            raise DeliveryError(Incident(self._name, "the answer is too large", retry=False))
        return Replied(answer.status, content)

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()


def _plain(text: str) -> str:
    return quote(text, safe=_PLAIN)
