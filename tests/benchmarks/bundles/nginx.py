"""nginx as a server of one folder, which sends by sendfile; also by the addresses that scripts ask for."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from grp import getgrgid
from pwd import getpwuid
from typing import TYPE_CHECKING, Self

import httpx

from tests.tools import TOOLS

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 30
CONFIGURATION = """
daemon off; worker_processes 1; user {user} {group}; pid {home}/pid; error_log {home}/log;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream; types {{ }}
  client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
  uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  map $arg_uri $wanted {{ ~^mast:JWST/product/(?<path>[A-Za-z0-9/._-]+)$ $path; }}
  server {{
    listen 127.0.0.1:{port}; root {home}/files;
    location = /api/v0.1/Download/file {{ try_files /$wanted =404; }}
  }}
}}
"""


class Nginx:
    """A running nginx; ends with its context. What is put into ``files`` is served at ``url``."""

    def __init__(self, home: Path) -> None:
        self.files = home / "files"
        self.files.mkdir(parents=True)
        program = next(tool for tool in TOOLS if tool.name == "nginx").find()
        assert program is not None, "There is no nginx; python -m tests.tools says how to get one."
        user, group = getpwuid(os.getuid()).pw_name, getgrgid(os.getgid()).gr_name  # else a root's nginx becomes nobody
        with socket.create_server(("127.0.0.1", 0)) as listening:  # handed over, so that no other can take the port
            port = listening.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            (home / "conf").write_text(CONFIGURATION.format(home=home, port=port, user=user, group=group))
            command = [program, "-p", str(home), "-c", str(home / "conf"), "-e", str(home / "log")]
            env = {**os.environ, "NGINX": f"{listening.fileno()};"}
            self._process = subprocess.Popen(command, env=env, pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                httpx.get(self.url, timeout=1)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return self
        self.__exit__()
        raise TimeoutError("nginx did not start.")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(START_SECONDS)
