"""A plain Django application, as its tutorial sets one up: the floor against which case work is measured."""

import os
from urllib.parse import parse_qs, urlsplit

_url = urlsplit(os.environ["FLOOR_DATABASE"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": _url.path[1:], "USER": _url.username or "",
        "HOST": _url.hostname or parse_qs(_url.query)["host"][0], "PORT": _url.port or "",
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 20}},
    }
}  # fmt: skip
SECRET_KEY = "invented"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.floor.views"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "bench.floor",
]  # fmt: skip
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
LOGIN_URL = "/sign-in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGES = [("es", "Castellano"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "America/Lima"
