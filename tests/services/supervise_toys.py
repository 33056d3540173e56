"""Run small shell commands under the supervisor: ``supervise_toys.py name=command ...``, each a wave of its own."""

from __future__ import annotations

import os
import sys

from webapp.supervisor import supervise as module
from webapp.supervisor.child import Process
from webapp.supervisor.supervise import say, supervise

module.STOP_SECONDS = float(os.environ.get("STOP_SECONDS", module.STOP_SECONDS))
toys = [Process(name, ["sh", "-c", line]) for name, line in (toy.split("=", 1) for toy in sys.argv[1:])]
sys.exit(supervise([[toy] for toy in toys], lambda: say("All are ready.")))
