"""Pages run in threads, live streams run on the event loop: one port, one process."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.settings")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from amparo.ground.core.wire import GONE, listening, readable, while_heard, whole

PAGE_THREADS = 8

streams: Any = get_asgi_application()
wsgi: Any = get_wsgi_application()
pages: Any = WSGIMiddleware(while_heard(wsgi), workers=PAGE_THREADS)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["path"].startswith("/live/"):
        await streams(readable(scope), receive, send)
    else:
        address = (scope.get("client") or ("",))[0]
        async with whole(receive, address) as request, listening(receive) as gone:
            await pages({**readable(scope), GONE: gone}, request, send)
