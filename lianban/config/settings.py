"""The one settings file; what a city may set is in the environment (docs/settings.md)."""

from csp.constants import NONE, SELF

from lianban.config import logs
from lianban.ops import environment

# Where we are -----------------------------------------------------------------------------
PRODUCTION = environment.is_production()
DEBUG = environment.flag("LIANBAN_DEBUG") and not PRODUCTION
LIANBAN_DEMO = environment.flag("LIANBAN_DEMO", default=not PRODUCTION)
DATA_DIR = environment.data_dir()
ALLOWED_HOSTS = environment.words("LIANBAN_HOSTS", default="localhost,127.0.0.1,[::1]")

# Secrets ----------------------------------------------------------------------------------
SECRET_KEY = environment.secret("secret_key")
VAULT_MASTER_KEY_FILE = environment.secret_file("master_key")
VAULT_INDEX_KEY_FILE = environment.secret_file("index_key")
EXCHANGE_KEY = environment.secret("exchange_key")  # our signing key: 64 hexadecimal digits

# Wiring -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "lianban.accounts",
    "lianban.journal",
    "lianban.outbox",
    "lianban.cases",
    "lianban.documents",
    "lianban.exchange",
    "lianban.web.components",
    "lianban.web.applicant",
    "lianban.web.counter",
    "lianban.web.bureau",
    "lianban.web.department",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lianban.api.edge.Edge",
    "lianban.config.middleware.LimitBody",
    "lianban.config.middleware.RefuseNul",
    "lianban.config.middleware.AnswerRefusals",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lianban.web.components.access.Guard",
]
ROOT_URLCONF = "lianban.config.urls"
WSGI_APPLICATION = "lianban.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lianban.web.components.large_print.site",
            ],
        },
    }
]

# Memory -----------------------------------------------------------------------------------
_database = environment.database()
_options = _database.pop("OPTIONS")
assert isinstance(_options, dict)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_database,
        # Moments come back in the time of the offices: `.date()` of one in UTC is yesterday
        # between midnight and eight.
        "TIME_ZONE": "Asia/Shanghai",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": "-c statement_timeout=30s -c lock_timeout=10s",
            "pool": {
                "min_size": 1,
                "max_size": environment.number("LIANBAN_DB_POOL", default=20, least=1),
                "timeout": 5,
            },
            **_options,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who you are ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["lianban.accounts.backend.Backend"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_IDLE_SECONDS = 30 * 60
SESSION_TOTAL_SECONDS = 8 * 60 * 60
SESSION_COOKIE_AGE = SESSION_TOTAL_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "lianban-session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "lianban-csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = environment.words("LIANBAN_ORIGINS", default="")
CSRF_FAILURE_VIEW = "lianban.config.errors.csrf_failure"

# What leaves the house --------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = environment.number("LIANBAN_HSTS_SECONDS", default=0)
SECURE_SSL_REDIRECT = False  # the front server redirects; the application speaks HTTP to it
if environment.flag("LIANBAN_BEHIND_TLS", default=PRODUCTION):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# What comes in ----------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes of a form without its files
MOST_BODY = 100 * 1024 * 1024  # bytes of a form with its files; the limit of each is in uploads
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # larger files go to the disk while they are read
FILE_UPLOAD_PERMISSIONS = 0o600
CLAMD = environment.text("LIANBAN_CLAMD")  # a virus scanner beside us, or nothing

# Background work --------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None  # ours are named; `tasks` is a word of the exchange
PROCRASTINATE_IMPORT_PATHS = [
    "lianban.ops.jobs",
    "lianban.ops.exchange_jobs",
    "lianban.ops.reconcile_job",
]

# The exchange with departments' systems ----------------------------------------------------
#: Where partners reach us; they may be in another network than the public.
EXCHANGE_ADDRESS = environment.text("LIANBAN_EXCHANGE_ADDRESS").rstrip("/")
#: The ladder of retries is multiplied by this; 1 in real life, less where time is short.
EXCHANGE_LADDER_SCALE = environment.ratio("LIANBAN_EXCHANGE_LADDER_SCALE", default=1.0)
EXCHANGE_TIMEOUT_SECONDS = environment.ratio("LIANBAN_EXCHANGE_TIMEOUT_SECONDS", default=10.0)
EXCHANGE_LEASE_SECONDS = environment.ratio("LIANBAN_EXCHANGE_LEASE_SECONDS", default=45.0)

# Words and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

SITE = {
    "city_name": environment.text("LIANBAN_CITY_NAME"),
    "organiser": environment.text("LIANBAN_ORGANISER"),
    "builder": environment.text("LIANBAN_BUILDER"),
    "public_address": environment.text("LIANBAN_PUBLIC_ADDRESS").rstrip("/"),
    "hotline": environment.text("LIANBAN_HOTLINE", default="12345"),
}

# Static files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for folder in [environment.static_dir()] if folder.is_dir()]

# Logs -------------------------------------------------------------------------------------
LOGGING = logs.described(level=environment.text("LIANBAN_LOG_LEVEL", default="INFO"))
