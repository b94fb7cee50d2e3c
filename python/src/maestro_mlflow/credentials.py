"""The credentials file of `maestro login`: docs/clients/credentials-file.md describes it."""

import json
import os
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from maestro_mlflow.lock import locked

# A token that lives less long is exchanged before it is used.
_EXCHANGE_BEFORE = timedelta(seconds=60)
# Shorter than a lock is respected.
_TIMEOUT_SECONDS = 20


class SignedOut(Exception):
    """Nobody is signed in any more."""


def credentials_path() -> Path:
    """MAESTRO_CREDENTIALS, or maestro/credentials.json in XDG_CONFIG_HOME or else in ~/.config."""
    named = os.environ.get("MAESTRO_CREDENTIALS", "").strip()
    if named:
        return Path(named)
    config = os.environ.get("XDG_CONFIG_HOME", "").strip()
    return (Path(config) if config else Path.home() / ".config") / "maestro" / "credentials.json"


def _read(path: Path) -> dict[str, Any]:
    """What a file holds; nothing where there is none. Raises where others may read it, or it is none of ours."""
    try:
        if os.name != "nt" and path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} may be read by others: chmod 600 it, and sign in again if others could.")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {"version": 1, "current": None, "servers": {}}
    try:
        credentials = json.loads(text)
        if credentials["version"] == 1 and isinstance(credentials["servers"], dict):
            return credentials
    except (ValueError, KeyError, TypeError):
        pass
    raise ValueError(f"{path} is no credentials file of Maestro; remove it and sign in again.")


def _write(path: Path, credentials: dict[str, Any]) -> None:
    """Whole or not at all, also where the machine stops in the middle."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(credentials, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


_PORTS = {"http": 80, "https": 443}


def _place_of(url: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port, and the path without a trailing slash."""
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme), parts.path.rstrip("/"))


def _server_of(url: str, servers: dict[str, Any]) -> str | None:
    """The server that a URL is one of: of the same scheme, host and port, at its path or below. The nearest of several."""
    *origin, path = _place_of(url)
    found: list[tuple[int, str]] = []
    for server in servers:
        *own_origin, own_path = _place_of(server)
        if origin == own_origin and (path == own_path or path.startswith(f"{own_path}/")):
            found.append((len(own_path), server))
    return max(found)[1] if found else None


def _ends_soon(sign_in: dict[str, Any]) -> bool:
    expires_at = datetime.fromisoformat(sign_in["access_expires_at"].replace("Z", "+00:00"))
    return expires_at - datetime.now(timezone.utc) <= _EXCHANGE_BEFORE


def _moment(asked_at: datetime, seconds: int) -> str:
    moment = asked_at + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _exchange(server: str, refresh_token: str) -> dict[str, str]:
    """Exchanges a refresh token, which is good for one use. Raises SignedOut where the session has ended."""
    asked_at = datetime.now(timezone.utc)
    response = requests.post(
        f"{server}/api/v1/auth/refresh",
        json={"refresh_token": refresh_token},
        # A redirect would carry it somewhere else.
        allow_redirects=False,
        timeout=_TIMEOUT_SECONDS,
        verify=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or True,
    )
    if response.status_code == 401:
        raise SignedOut(f"The session at {server} has ended: run maestro login --url {server}")
    if response.status_code != 200:
        raise ConnectionError(f"{server} answered with status {response.status_code} to the exchange of a token.")
    answer = response.json()
    return {
        "access_token": answer["access_token"],
        "access_expires_at": _moment(asked_at, answer["expires_in"]),
        "refresh_token": answer["refresh_token"],
        "refresh_expires_at": _moment(asked_at, answer["refresh_expires_in"]),
    }


def current_server() -> str | None:
    """The address of the server that was signed in to last; None where nobody is signed in."""
    current = _read(credentials_path()).get("current")
    return current if isinstance(current, str) else None


def access_token_for(url: str) -> str | None:
    """The access token to send to a URL; None where nobody is signed in at its server.

    Exchanged where it ends soon. Of many processes one exchanges it and the others use what it got: a refresh token that
    is used twice ends the session.
    """
    path = credentials_path()
    servers = _read(path)["servers"]
    server = _server_of(url, servers)
    if server is None:
        return None
    if not _ends_soon(servers[server]):
        return servers[server]["access_token"]
    with locked(path.with_name(f"{path.name}.lock")):
        credentials = _read(path)
        sign_in = credentials["servers"].get(server)
        if sign_in is None:
            return None
        if _ends_soon(sign_in):
            sign_in.update(_exchange(server, sign_in["refresh_token"]))
            _write(path, credentials)
        return sign_in["access_token"]
