from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from amparo.ground.core.pages import in_words

from .models import User


@never_cache
@in_words
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; in the demonstration also one button per invented person."""
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect(_where_to(request))
    people = User.objects.filter(is_invented=True, is_active=True).order_by("pk") if settings.ENVIRONMENT.demo else ()
    status = 400 if form.errors else 200
    return render(request, "access/sign_in.html", {"form": form, "people": people}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _where_to(request: HttpRequest) -> str:
    wish = request.GET.get("next", "")
    return wish if url_has_allowed_host_and_scheme(wish, None) else "/console"
