"""What a WSGI server loads: ``gunicorn webapp.wsgi:app``."""

from __future__ import annotations

import gc

from webapp.app import create_app
from webapp.settings import load

app = create_app(load())
gc.freeze()  # what start-up made stays for good; searching it again and again cost every twentieth answer 60 ms
