"""The package, installed from its wheel, against a running Maestro: compat/sign_in.e2e.test.ts runs it.

MLFLOW_TRACKING_URI says where it is, and MAESTRO_CREDENTIALS is the file of a `maestro login` there. No token is in the
environment.
"""

import os

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")

import json
import shutil
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest


class CredentialsFile:
    """A copy of the sign-in: what a test does to it is none of the others'."""

    def __init__(self, path: Path):
        self.path = path

    def read(self) -> dict:
        return json.loads(self.path.read_text())

    def write(self, content: dict) -> None:
        self.path.write_text(json.dumps(content))
        self.path.chmod(0o600)

    def only(self, server: str, seconds: float = 900) -> None:
        """A sign-in at one server alone, whose access token lives for so long."""
        [sign_in] = self.read()["servers"].values()
        ends = (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
        sign_in["access_expires_at"] = ends.replace("+00:00", "Z")
        self.write({"version": 1, "current": server, "servers": {server: sign_in}})


@pytest.fixture
def sign_in_file() -> CredentialsFile:
    """The file itself: an exchange is of all who use the session."""
    return CredentialsFile(Path(os.environ["MAESTRO_CREDENTIALS"]))


@pytest.fixture
def own_file(monkeypatch, tmp_path) -> CredentialsFile:
    path = tmp_path / "credentials.json"
    shutil.copy(os.environ["MAESTRO_CREDENTIALS"], path)
    path.chmod(0o600)
    monkeypatch.setenv("MAESTRO_CREDENTIALS", str(path))
    return CredentialsFile(path)


class Listener:
    """A server that notes the Authorization of what it is asked, and sends everybody on to `to` where that is given."""

    def __init__(self, to: str | None = None):
        seen: list[str | None] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append(self.headers.get("Authorization"))
                self.send_response(302 if to else 200)
                if to:
                    self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.seen = seen
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listen():
    listeners: list[Listener] = []

    def start(to: str | None = None) -> Listener:
        listeners.append(Listener(to))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.stop()
