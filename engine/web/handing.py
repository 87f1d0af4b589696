"""A stored file as an answer: whole or the part that is asked for, read from its store as it goes out.

In: what the file is, its bytes as a stream. Out: a response that closes the stream. Ranges are RFC 9110, 14, of one
part; of several, or in other units, the whole file is given. A file is known by its digest (ETag). Who may have it is
decided before.
"""

from __future__ import annotations

from typing import BinaryIO
from urllib.parse import quote

from flask import Response, make_response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from engine.model.values import StoredFile

PART = 1 << 16
"""Bytes that are in memory at a time."""
ALONE = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
"""What a file that is shown in the browser may load: nothing."""


def handed(stored: StoredFile, content: BinaryIO, *, shown: bool = False) -> Response:
    """The answer; `shown` in the browser, with nothing that it could load or run, or else to be kept."""
    made = Response(FileWrapper(content, PART), mimetype=stored.media, direct_passthrough=True)
    made.content_length = stored.size
    made.set_etag(stored.hash)
    way = "inline" if shown else "attachment"
    made.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(stored.name, safe='')}"
    made.headers["Content-Security-Policy"] = ALONE
    asked = request.range
    in_part = asked is not None and asked.units == "bytes" and len(asked.ranges) == 1
    made.accept_ranges = "bytes"
    try:
        made.make_conditional(request, accept_ranges=in_part, complete_length=stored.size)
    except RequestedRangeNotSatisfiable:
        made = make_response("", 416)
        made.headers["Content-Range"] = f"bytes */{stored.size}"
    if made.status_code not in (200, 206) or request.method == "HEAD":
        content.close()
    return made
