"""Django's settings. An administrator's settings come only from foundation/core/environment.py."""

from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.functional import SimpleLazyObject

from amparo.foundation.core import database_roles, environment, home, log_filters

HERE = Path(__file__).parent
MANUAL = HERE.parent / "docs" / "site"  # `make docs` writes it
ENVIRONMENT = environment.read_environment()
home.make_folders(ENVIRONMENT)

DATABASES = database_roles.databases_setting(ENVIRONMENT)
# Only the web may read it, and only when it is used.
SECRET_KEY = SimpleLazyObject(lambda: ENVIRONMENT.secret("django"))
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the administrator sets the address; nothing here is built from the Host header
ROOT_URLCONF = "amparo.urls"
AUTH_USER_MODEL = "access.User"
LOGIN_URL = "/sign-in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "amparo.foundation.core",
    "amparo.foundation.audit",
    "amparo.foundation.vault",
    "amparo.foundation.access",
    "amparo.foundation.line_settings",
    "amparo.foundation.words",
    "amparo.foundation.oversight",
    "amparo.foundation.integrations",
    "amparo.line.roster",
    "amparo.line.switchboard",
    "amparo.line.chat",
    "amparo.line.channels",
    "amparo.line.knowledge",
    "amparo.line.contacts",
    "amparo.line.quality",
    "amparo.care.people",
    "amparo.care.screening",
    "amparo.care.consent",
    "amparo.care.cases",
    "amparo.care.disclosures",
    "amparo.care.directory",
    "amparo.care.shelters",
    "amparo.care.police_reports",
    "amparo.care.referrals",
    "amparo.care.returning",
    "amparo.care.exchange",
    "amparo.programme.campaigns",
    "amparo.programme.events",
    "amparo.programme.plan",
    "amparo.programme.news",
    "amparo.programme.texts",
    "amparo.programme.training",
    "amparo.figures.snapshot",
    "amparo.figures.estimation",
    "amparo.figures.publishing",
    "amparo.screens.desk",
    "amparo.screens.administration",
    "amparo.screens.notices",
    "amparo.screens.supervision",
    "amparo.screens.site",
    "amparo.screens.home",
    "amparo.demo",
]
# How people reach the line, each by the class that says how (amparo/line/channels). A new channel adds a line here.
CHANNELS = [
    "amparo.line.channels.calls.Calls",
    "amparo.line.channels.page.PageChats",
    "amparo.line.channels.email.channel.Email",
    "amparo.line.channels.sms.channel.Sms",
    "amparo.line.channels.whatsapp.channel.Whatsapp",
]
APPEND_SLASH = False  # no address of ours ends with one, and Django would look up each address once more
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "amparo.host_routing.HostRoutingMiddleware",
    "amparo.host_routing.StaticFilesMiddleware",
    "amparo.foundation.core.pages.CompressedPageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "amparo.foundation.core.language.LanguageMiddleware",
    "amparo.foundation.core.theme.ThemeMiddleware",
    "amparo.foundation.core.pages.MethodNotAllowedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "amparo.foundation.access.session_user.SessionUserMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "amparo.foundation.access.staff_middleware.StaffMiddleware",
    "amparo.foundation.core.undo.UndoMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "amparo.foundation.core.pages.base_context",
                *(["amparo.demo.context_processors.demonstration"] if ENVIRONMENT.demo else []),
            ],
            "builtins": [
                "amparo.foundation.core.templatetags.parts",
                "amparo.foundation.access.templatetags.access",
                "amparo.foundation.line_settings.templatetags.line_name",
                "amparo.screens.home.templatetags.navigation",  # core/desk.html draws the bar of every page
            ],
        },
    }
]

FORM_RENDERER = "amparo.foundation.core.widgets.WidgetRenderer"

SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "media-src": ["'self'", "blob:"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-src": ["'self'"],  # during a call, looked-up pages open beside it (desk/beside.js)
    "frame-ancestors": ["'self'"],
    "base-uri": ["'none'"],
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600  # sent over https only, so never under an onion name

# Sessions end by our own rules (foundation/access/session_state.py). With https, a cookie is bound to this host.
_host_only = "__Host-" if ENVIRONMENT.is_secure else ""
SESSION_ENGINE = "amparo.foundation.access.models.sessions"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_host_only}sessionid", f"{_host_only}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.is_secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600  # seconds: the longest shift
CSRF_COOKIE_HTTPONLY = True

# allauth signs people in behind our own pages: no sign-up, no e-mail, a passkey or two factors.
CACHES = {
    "default": {"BACKEND": "amparo.foundation.access.models.throttle.ThrottleCache"},
    # in the memory of each web process, for an hour (screens/home/charts.py, foundation/oversight/looks.py)
    "counts": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 3600},
}
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "amparo.foundation.access.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # nobody signs up; allauth checks that the two settings agree
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_TIMEOUT = 300  # seconds between the password and the second factor
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key"}
MFA_ADAPTER = "amparo.foundation.access.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TRUST_ENABLED = False
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: telephones' clocks differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # there is no e-mail at all

CSRF_FAILURE_VIEW = "amparo.foundation.core.pages.csrf_failure"
CSRF_HEADER_NAME = "HTTP_X_CSRF_TOKEN"

STATIC_URL = "/static/"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 0  # of a URL without the digest of today's files (static_urls.py)
STORAGES = {"staticfiles": {"BACKEND": "amparo.static_urls.DigestStorage"}}

# Django does not know Quechua. A string without a translation falls back to Spanish.
LANG_INFO["qu"] = {"bidi": False, "code": "qu", "name": "Quechua", "name_local": "Runasimi"}
LANGUAGES = [("es", "Castellano"), ("en", "English"), ("qu", "Runasimi")]
# Never on a disk, where it could be read.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# Bytes of a request; larger ones are refused before (foundation/core/asgi_body.py).
FILE_UPLOAD_MAX_MEMORY_SIZE = 10_000_000
LANGUAGE_CODE = "es"
LOCALE_PATHS = [HERE / "locale"]
FORMAT_MODULE_PATH = "amparo.formats"
TIME_ZONE = ENVIRONMENT.time_zone
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    # A 503 is foreseen and logs its own line: the database or the switchboard is down for a moment. A 4xx would be
    # logged with the client's text, in an address or a header.
    "filters": {
        "unforeseen": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", 500) == 500,
        },
        "in_one_line": {"()": "django.utils.log.CallbackFilter", "callback": log_filters.shorten_outage},
        "throttle": {
            "()": lambda: log_filters.RepeatFilter("uvicorn.error")
        },  # it logs each request that it cannot parse
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["unforeseen", "in_one_line", "throttle"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"amparo": {"level": "INFO"}, "psycopg.pool": {"level": "ERROR"}},  # a pool tries again by itself
}
