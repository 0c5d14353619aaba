"""Digest sums written out once more, so that the stack's are not checked against themselves."""

import hashlib
import re

from .texts import method


def parameters(header: str) -> dict[str, str]:
    return {name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}


def response(user: str, password: str, params: dict[str, str], name: str, algorithm: str = "md5") -> str:
    def h(text: str) -> str:
        return hashlib.new(algorithm, text.encode()).hexdigest()

    secret = h(f"{user}:{params['realm']}:{password}")
    middle = [params["nonce"]]
    if params.get("qop"):
        middle += [params["nc"], params["cnonce"], params["qop"]]
    return h(":".join([secret, *middle, h(f"{name}:{params['uri']}")]))


def authorization(
    user: str, password: str, challenge: str, name: str, uri: str, algorithm: str = "md5", *, count: int = 1
) -> str:
    """`count`: how often this nonce was used, this time included."""
    params = parameters(challenge) | {"uri": uri, "nc": f"{count:08x}", "cnonce": "c0ffee"}
    answer = response(user, password, params, name, algorithm)
    return (
        f'Digest username="{user}", realm="{params["realm"]}", nonce="{params["nonce"]}", uri="{uri}", '
        f'response="{answer}", algorithm={params["algorithm"]}, qop=auth, nc={count:08x}, cnonce="c0ffee"'
    )


def is_right(header: str, user: str, password: str, request: str) -> bool:
    params = parameters(header)
    return params["username"] == user and params["response"] == response(user, password, params, method(request))
