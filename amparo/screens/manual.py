"""The manual under *Help*: files that `make docs` writes, in Spanish and English.

It needs no sign-in, because it explains how to sign in, and no database. It exists on the staff host only.
"""

import base64
import hashlib
import re
from pathlib import Path
from wsgiref.headers import Headers

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from whitenoise.middleware import WhiteNoiseMiddleware

from amparo.foundation.core.pages import sentence_response

ADDRESS = "help/"
LANGUAGES = ("es", "en")
INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def serve_manual(server: WhiteNoiseMiddleware) -> None:
    """Serve the built manual, if there is one. It is read once, when Amparo starts."""
    if is_built():
        server.index_file, server.add_headers_function = "index.html", add_content_policy
        server.add_files(settings.MANUAL, prefix=ADDRESS)


def is_built() -> bool:
    return all(Path(settings.MANUAL, language, "index.html").is_file() for language in LANGUAGES)


def manual(request: HttpRequest, page: str = "") -> HttpResponse:
    """Answer what no file answers: redirect to the language of the user, 404 for a missing page, or for no manual."""
    if not is_built():
        sentence = _("This line was started without its manual. Whoever set it up can add it.")
        return sentence_response(request, sentence, 404)
    if page:
        raise Http404
    return redirect(f"/{ADDRESS}{request.LANGUAGE_CODE if request.LANGUAGE_CODE in LANGUAGES else LANGUAGES[0]}/")


def add_content_policy(headers: Headers, path: str, _url: str) -> None:
    """Set the Content-Security-Policy of a page: our files, and the inline scripts that it was built with."""
    if not path.endswith(".html"):
        return
    scripts = " ".join(_digest(script) for script in INLINE_SCRIPT.findall(Path(path).read_bytes()))
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
    )


def _digest(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
