"""Smuggling: a request whose length a proxy could read otherwise than we do is refused, and so is what follows it."""

import pytest

from amparo.foundation.core import web_server

from .test_connections_that_keep_others_out import serving, talk

SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
START = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n"
CHUNKS = f"{len(SMUGGLED):x}\r\n{SMUGGLED}\r\n0\r\n\r\n"


async def paths(scope, receive, send):
    """Answer with the path; read the body first."""
    while (await receive()).get("more_body", False):
        pass
    body = b"path=" + scope["path"].encode()
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


REFUSED = {
    "CL.TE": f"{START}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "TE.CL": f"{START}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{CHUNKS}",
    "CL.CL": f"{START}Content-Length: 0\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n{SMUGGLED}",
    "equal CL.CL": f"{START}Content-Length: 0\r\nContent-Length: 0\r\n\r\n{SMUGGLED}",
    "a list of lengths": f"{START}Content-Length: 0, {len(SMUGGLED)}\r\n\r\n{SMUGGLED}",
    "a sign": f"{START}Content-Length: +0\r\n\r\n{SMUGGLED}",
    "a negative length": f"{START}Content-Length: -1\r\n\r\n{SMUGGLED}",
    "an empty length": f"{START}Content-Length:\r\n\r\n{SMUGGLED}",
    "hexadecimal": f"{START}Content-Length: 0x0\r\n\r\n{SMUGGLED}",
    "digits of another script": f"{START}Content-Length: ٠\r\n\r\n{SMUGGLED}",
    "a space before the colon": f"{START}Content-Length : 0\r\n\r\n{SMUGGLED}",
    "TE with a space before the colon": f"{START}Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n{CHUNKS}",
    "an unknown coding": f"{START}Transfer-Encoding: xchunked\r\n\r\n{CHUNKS}",
    "chunked twice": f"{START}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}{SMUGGLED}",
    "chunked not last": f"{START}Transfer-Encoding: chunked, identity\r\n\r\n{CHUNKS}",
    "identity and CL": f"{START}Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n{SMUGGLED}",
    "a folded header": f"{START}Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n{CHUNKS}",
    "a vertical tab": f"{START}Transfer-Encoding: \x0bchunked\r\nContent-Length: 0\r\n\r\n{CHUNKS}",
    "a bare CR": f"{START}X: a\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n{CHUNKS}",
    "a bare LF": f"{START}X: a\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n{CHUNKS}",
    "NUL in a header": f"{START}X: a\0\r\nContent-Length: 0\r\n\r\n{SMUGGLED}",
    "a chunk of a huge size": f"{START}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n{SMUGGLED}",
    "a signed chunk": f"{START}Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n{SMUGGLED}",
    "a chunk longer than it says": f"{START}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n{SMUGGLED}",
    "a chunk that ends in LF": f"{START}Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n{SMUGGLED}",
    "an extension with LF": f"{START}Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n{SMUGGLED}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
async def test_what_two_readers_could_cut_differently_is_refused(text, monkeypatch):
    monkeypatch.setattr(web_server, "HEAD_PATIENCE", 20.0)
    async with serving(app=paths) as port:
        answer = await talk(port, [text.encode()])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"path=" not in answer


async def test_the_control_two_requests_in_one_piece_are_both_served(monkeypatch):
    monkeypatch.setattr(web_server, "HEAD_PATIENCE", 0.5)
    async with serving(app=paths) as port:
        answer = await talk(port, [f"{START}Content-Length: 0\r\n\r\n{SMUGGLED}".encode()])
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert b"path=/smuggled" in answer
