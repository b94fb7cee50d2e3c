"""The lock of the credentials file: docs/clients/credentials-file.md describes it.

Each holder is a generation, a file `<n>` made whole and exclusively by link(2). The greatest is the lock and is never
removed while it is, so taking over from a process that was killed is no race.
"""

import json
import os
import re
import socket
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

# A lock that is older was left behind, whoever holds it: what is done under it takes less.
_HOLD_SECONDS_MAX = 30
_PATIENCE_SECONDS = 60
_POLL_SECONDS = 0.02


def _place() -> str:
    """Where a pid means something: the host, and on Linux the namespace of pids."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def _is_running(pid: int) -> bool:
    # On Windows signal 0 is no question: there the age of the lock decides.
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _generations(folder: Path) -> list[int]:
    return [int(name) for name in os.listdir(folder) if re.fullmatch(r"[0-9]{1,15}", name)]


def _is_held(file: Path) -> bool:
    """Whether a generation is held by somebody who lives."""
    try:
        age = time.time() - file.stat().st_mtime
        holder = json.loads(file.read_text())
        pid, where, state = holder["pid"], holder["where"], holder["state"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        # A power cut left it so, or it is no longer there.
        return False
    if state != "held" or not isinstance(pid, int) or age > _HOLD_SECONDS_MAX:
        return False
    return where != _place() or _is_running(pid)


def _draft(folder: Path, state: str) -> Path:
    draft = folder / f"draft-{uuid.uuid4()}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"pid": os.getpid(), "where": _place(), "state": state}, file)
    return draft


def _make(folder: Path, generation: int) -> bool:
    """False where the generation exists, or where a new holder swept the draft away."""
    draft = _draft(folder, "held")
    try:
        os.link(draft, folder / str(generation))
        return True
    except (FileExistsError, FileNotFoundError):
        return False
    finally:
        draft.unlink(missing_ok=True)


def _try_lock(folder: Path) -> Path | None:
    """Takes the lock where nobody has it; gives its file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    greatest = max(_generations(folder), default=0)
    if greatest > 0 and _is_held(folder / str(greatest)):
        return None
    mine = greatest + 1
    if not _make(folder, mine):
        return None
    others = _generations(folder)
    if any(generation > mine for generation in others):
        (folder / str(mine)).unlink(missing_ok=True)
        return None
    for generation in others:
        if generation < mine:
            (folder / str(generation)).unlink(missing_ok=True)
    return folder / str(mine)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the lock, as no other process or thread does."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while (file := _try_lock(folder)) is None:
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{folder} is locked by another process; remove it if none runs.")
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        os.replace(_draft(folder, "released"), file)
