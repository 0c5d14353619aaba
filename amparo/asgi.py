"""The ASGI application of the web process: pages run in threads, live streams run on the event loop."""

import asyncio
import os
import re
from functools import cache
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.settings")

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from amparo.foundation.core.asgi_body import (
    GONE,
    buffer_body,
    has_session_cookie,
    normalise_scope,
    stop_on_disconnect,
    watch_disconnect,
    without_body,
)
from amparo.foundation.core.asgi_entrance import refusal_of, send_refusal
from amparo.foundation.core.database_roles import CALL_THREADS, PAGE_THREADS
from amparo.screens.site import offers

OF_CALLS = re.compile(r"/calls/|/danger(/acknowledge)?$|/chats/[^/]+/danger$")  # what never waits behind pages

streams: Any = get_asgi_application()
wsgi: Any = get_wsgi_application()
pages: Any = WSGIMiddleware(stop_on_disconnect(wsgi), workers=PAGE_THREADS)
running_calls: Any = WSGIMiddleware(stop_on_disconnect(wsgi), workers=CALL_THREADS)
offered_calls: Any = WSGIMiddleware(stop_on_disconnect(wsgi), workers=offers.THREADS)
offer_limit = offers.OfferLimit()


@cache
def _following() -> asyncio.Task[None]:
    """Start to keep a copy of the line's settings and words in this process, once."""
    # late: their models need Django, which is set up by now
    from amparo.foundation.core import live
    from amparo.foundation.line_settings import rules as line_settings
    from amparo.foundation.words import rules as words
    from amparo.screens.desk.stream import hub

    copies = {line_settings.TOPIC: line_settings.load_copy, words.TOPIC: words.load_copy}
    return asyncio.get_running_loop().create_task(live.follow(hub(), copies))


async def web_process(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """`application` in a process of its own, whose copies of the line's settings and words follow their changes."""
    _following()
    await application(scope, receive, send)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer a request: a stream on the event loop, anything else in a thread, with its body read before.

    Offers of calls from browsers (WebRTC), and actions in running calls, have their own threads: no page delays them.
    """
    if sentence := refusal_of(scope, settings.ENVIRONMENT):
        await send_refusal(send, sentence)
        return
    path: str = scope["path"]
    if path.startswith("/live/"):
        await streams(normalise_scope(scope), without_body(receive), send)
        return
    async with buffer_body(receive, scope) as body, watch_disconnect(receive) as gone:
        scope = {**normalise_scope(scope), GONE: gone}
        if path == offers.PATH:
            await offer_limit.handle(offered_calls, scope, body, send)
        else:
            is_urgent = OF_CALLS.match(path) is not None and has_session_cookie(scope)
            await (running_calls if is_urgent else pages)(scope, body, send)
