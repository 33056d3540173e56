"""What a WSGI server loads: ``gunicorn webapp.wsgi:app``."""

from __future__ import annotations

from webapp.app import create_app
from webapp.settings import load

app = create_app(load())
