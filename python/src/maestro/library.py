"""The library of pieces of work that the next project can use."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from maestro.client import client, given, path_of
from maestro.records import Record, Records

_PIECE_BYTES = 1 << 20


class Artifact(Record):
    """An entry of the library."""


class Version(Record):
    """A version of an artifact, with the SHA-256 of its content."""


class Usage(Record):
    """A project uses a version of an artifact."""


class Lineage(Record):
    """Where an artifact comes from and where it went."""


def iterate(
    q: str | None = None,
    *,
    type: str | None = None,
    tags: Sequence[str] | None = None,
    min_impact: float | None = None,
    active_only: bool | None = None,
    order_by: str | None = None,
    limit: int | None = None,
) -> Iterator[Artifact]:
    """What `search` finds, a page at a time as it is asked for."""
    asked = given(
        q=q,
        type=type,
        tags=None if tags is None else list(tags),
        min_impact=min_impact,
        active_only=active_only,
        order_by=order_by,
    )
    return (Artifact(item) for item in client().pages("POST", "/artifacts/search", asked, limit))


def search(q: str | None = None, *, limit: int | None = 50, **filters: Any) -> Records:
    """Artifacts that fit the words, also by their beginnings or misspelt, the best first; `to_frame()` makes a table.

    `filters`: type, tags (all of them), min_impact, active_only, order_by ('best', 'relevance', 'uses', 'impact',
    'created_at').
    """
    return Records(iterate(q, limit=limit, **filters))


def get(artifact_id: str) -> Artifact:
    return Artifact(client().call("GET", path_of("artifacts", artifact_id)))


def register(
    name: str,
    type: str,
    *,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    version: str | None = None,
    storage_path: str | None = None,
) -> Artifact:
    """Makes an artifact: feature_pipeline, model_template, schema, notebook or a type of the tenant's own.

    `storage_path` says where content is that is kept elsewhere; `upload` keeps it in Maestro.
    """
    fields = given(
        name=name,
        type=type,
        description=description,
        tags=None if tags is None else list(tags),
        version=version,
        storage_path=storage_path,
    )
    return Artifact(client().call("POST", "/artifacts", body=fields))


def versions(artifact_id: str, limit: int | None = None) -> Records:
    """The versions of an artifact, the newest first."""
    pages = client().pages("GET", path_of("artifacts", artifact_id, "versions"), {}, limit)
    return Records(Version(item) for item in pages)


def upload(
    artifact_id: str, path: "str | PathLike[str]", *, version: str | None = None, description: str | None = None
) -> Version:
    """Adds a version with the content of a file, which is streamed; without `version` it gets the next number."""
    fields = given(version=version, description=description)
    with open(path, "rb") as file:
        made = client().call("POST", path_of("artifacts", artifact_id, "versions"), body=fields)
        place = path_of("artifacts", artifact_id, "versions", made["version"], "content")
        return Version(client().call("PUT", place, query={"file_name": Path(path).name}, content=file))


def download(artifact_id: str, path: "str | PathLike[str]", *, version: str | None = None) -> Path:
    """Streams the content of a version, the newest by default, to a file: whole or not at all."""
    wanted = version or get(artifact_id)["latest_version"]
    if wanted is None:
        raise ValueError("version: the artifact has none yet")
    target = Path(path)
    place = path_of("artifacts", artifact_id, "versions", wanted, "content")
    with client().send("GET", place, stream=True) as response:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as draft:
            try:
                for piece in response.iter_content(_PIECE_BYTES):
                    draft.write(piece)
                draft.close()
                os.replace(draft.name, target)
            except BaseException:
                draft.close()
                Path(draft.name).unlink(missing_ok=True)
                raise
    return target


def use(artifact_id: str, project_id: str, *, version: str | None = None) -> Usage:
    """Says that a project uses a version, the newest by default. Safe to repeat: the first time stays."""
    fields = given(project_id=project_id, version=version)
    return Usage(client().call("POST", path_of("artifacts", artifact_id, "use"), body=fields, repeatable=True))


def _promote(source: dict[str, Any], into: dict[str, Any]) -> Artifact:
    """The artifact; its `version` is the one that was made."""
    answer = client().call("POST", "/artifacts/promote", body={**source, **given(**into)})
    return Artifact({**answer["artifact"], "version": Version(answer["version"])})


def promote_run_file(run_id: str, path: str, **into: Any) -> Artifact:
    """Makes a file of a run, or a directory as a tar archive, a version of an artifact.

    `into`: artifact_id of one that is there, or name and type of a new one, with description and tags; version.
    `version` of what is given back is the version that was made.
    """
    return _promote({"run_id": run_id, "path": path}, into)


def promote_model(model_id: str, **into: Any) -> Artifact:
    """Makes a logged model of mlflow a version of an artifact, as `promote_run_file` does."""
    return _promote({"model_id": model_id}, into)


def top(type: str | None = None, limit: int = 10, by: str | None = None) -> Records:
    """The active artifacts that are most worth using: by the least that they add to success, or `by="uses"`."""
    found = client().call("GET", "/artifacts/top", query=given(type=type, limit=limit, by=by))
    return Records(Artifact(item) for item in found["items"])


def usages(artifact_id: str, limit: int | None = None) -> Records:
    """Who uses an artifact, the newest first."""
    pages = client().pages("GET", path_of("artifacts", artifact_id, "usages"), {}, limit)
    return Records(Usage(item) for item in pages)


def lineage(artifact_id: str) -> Lineage:
    return Lineage(client().call("GET", path_of("artifacts", artifact_id, "lineage")))


def deprecate(artifact_id: str, reason: str | None = None) -> Artifact:
    """Searches find it no more; where it is used it stays."""
    return Artifact(client().call("POST", path_of("artifacts", artifact_id, "deprecate"), body=given(reason=reason)))


def restore(artifact_id: str) -> Artifact:
    return Artifact(client().call("POST", path_of("artifacts", artifact_id, "restore"), body={}))
