"""Sessions of a complete sign-in, for tests that are not about signing in."""

import time

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

HOUR = 3600.0  # seconds


def full_session() -> dict[str, object]:
    now = time.time()
    return {"began_at": now - HOUR, "seen_at": now, "proved_at": now, "second": True, "is_full": True}


def session_of(name: str) -> tuple[str, str]:
    """Sign an invented person in; return the key of the session and the path of their first page. For `Hotline.do`."""
    from amparo.foundation.access.first_pages import first_page
    from amparo.foundation.access.models import User
    from amparo.foundation.access.models.sessions import SessionStore
    from amparo.foundation.access.session_state import begin_session

    user, request = User.objects.get(is_invented=True, first_name=name), HttpRequest()
    request.session = SessionStore()
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    begin_session(request, user)
    request.session["began_at"] -= HOUR  # whoever is ready in a test said so after signing in
    request.session.save()
    return request.session.session_key, first_page(user)
