"""Projects and what came of them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from os import PathLike
from typing import Any

from maestro.client import client, given, path_of
from maestro.errors import NotFound
from maestro.records import Record, Records, as_text

#: The tag by which an experiment belongs to a project.
TAG = "maestro.project"


class Project(Record):
    """A project; `get` also gives its experiments, runs, best metrics and compute hours."""


class ImportReport(Record):
    """imported, good_rows, bad_rows, and faults (line, reason) of a dry run."""


def create(
    name: str,
    *,
    problem_class: str | None = None,
    complexity_score: int | None = None,
    team_size: int | None = None,
    start_date: date | str | None = None,
    completion_date: date | str | None = None,
    metadata: Mapping[str, Any] | None = None,
    **outcome: float,
) -> Project:
    """Records a project. `outcome`: success_score (0 to 100), model_performance, compute_cost, business_impact."""
    fields = given(
        name=name,
        problem_class=problem_class,
        complexity_score=complexity_score,
        team_size=team_size,
        start_date=as_text(start_date),
        completion_date=as_text(completion_date),
        metadata=None if metadata is None else dict(metadata),
        **outcome,
    )
    return Project(client().call("POST", "/projects", body=fields))


def get(project_id: str) -> Project:
    """A project with what its experiments did."""
    return Project(client().call("GET", path_of("projects", project_id)))


def named(name: str) -> Project:
    """The project of exactly this name. Raises NotFound."""
    for project in iterate(q=name[:500]):
        if project["name"] == name:
            return get(project["project_id"])
    raise NotFound(f"There is no project {name!r}.", status=404, code="not_found", field="name")


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def id_of(project: str) -> str:
    """The id of a project, of which the id or the exact name is given. Raises NotFound."""
    text = str(project)
    return text if _ID.fullmatch(text) else named(text)["project_id"]


def iterate(limit: int | None = None, **filters: Any) -> Iterator[Project]:
    """Projects, a page at a time as they are asked for.

    `filters`: q (words, also misspelt), problem_class, state ('active', 'finished'), started_from, started_until,
    completed_from, completed_until, success_min, success_max, team_size_min, team_size_max, metadata (a mapping: fields
    that have these values), order_by, order ('asc', 'desc').
    """
    asked = {name: as_text(value) if isinstance(value, date) else value for name, value in given(**filters).items()}
    if isinstance(asked.get("metadata"), Mapping):
        asked["metadata"] = [f"{field}:{value}" for field, value in asked["metadata"].items()]
    return (Project(item) for item in client().pages("GET", "/projects", asked, limit))


def list(limit: int | None = 100, **filters: Any) -> Records:  # noqa: A001
    """Projects as a list that has `to_frame()`; all of them where `limit` is None. Filters are those of `iterate`."""
    return Records(iterate(limit, **filters))


def update(project_id: str, **fields: Any) -> Project:
    """Changes what is given; None makes a field unknown, and metadata is replaced as a whole."""
    changes = {name: as_text(value) if isinstance(value, date) else value for name, value in fields.items()}
    return Project(client().call("PATCH", path_of("projects", project_id), body=changes))


def finish(
    project_id: str,
    success_score: float,
    *,
    completion_date: date | str | None = None,
    model_performance: float | None = None,
    compute_cost: float | None = None,
    business_impact: float | None = None,
) -> Project:
    """Says what came of a project: success_score from 0 to 100; completion_date is today unless said otherwise."""
    outcome = given(
        success_score=success_score,
        completion_date=as_text(completion_date or date.today()),
        model_performance=model_performance,
        compute_cost=compute_cost,
        business_impact=business_impact,
    )
    return Project(client().call("PATCH", path_of("projects", project_id, "success"), body=outcome))


def delete(project_id: str) -> None:
    """Deletes a project with all that was recorded of it; its experiments stay."""
    client().call("DELETE", path_of("projects", project_id))


def _import(format: str, path: "str | PathLike[str]", options: Mapping[str, Any]) -> ImportReport:
    asked = given(format=format, **options)
    for name in ("map", "unit"):
        if isinstance(asked.get(name), Mapping):
            asked[name] = [f"{field}:{value}" for field, value in asked[name].items()]
    with open(path, "rb") as file:
        answer = client().call("POST", "/projects/import", query=asked, content=file, repeatable=False)
    return ImportReport(answer)


def import_csv(
    path: "str | PathLike[str]",
    *,
    map: Mapping[str, str] | None = None,
    unit: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    date_format: str | None = None,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
) -> ImportReport:
    """Records a history from CSV with a header, all of it or nothing unless bad rows are skipped.

    `map`: field to column, such as {'name': 'Project'}; `unit`: field to unit, such as {'duration_days': 'weeks'};
    `date_format` such as DD.MM.YYYY. A dry run says what is wrong with which line; `skip_bad_rows` imports the good rows
    and says what is wrong with the others.
    """
    options = {"map": map, "unit": unit, "delimiter": delimiter, "date_format": date_format, "dry_run": dry_run}
    return _import("csv", path, options | {"skip_bad_rows": skip_bad_rows})


def import_jsonl(
    path: "str | PathLike[str]",
    *,
    map: Mapping[str, str] | None = None,
    unit: Mapping[str, str] | None = None,
    date_format: str | None = None,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
) -> ImportReport:
    """Records a history from JSON Lines, as `import_csv` does."""
    options = {"map": map, "unit": unit, "date_format": date_format, "dry_run": dry_run}
    return _import("jsonl", path, options | {"skip_bad_rows": skip_bad_rows})


def link_experiment(project_id: str, experiment_id: "int | str") -> None:
    """Puts an experiment into a project, out of the one that it was in."""
    client().call("PUT", path_of("projects", project_id, "experiments", str(experiment_id)))


def unlink_experiment(project_id: str, experiment_id: "int | str") -> None:
    """Takes an experiment out of a project."""
    client().call("DELETE", path_of("projects", project_id, "experiments", str(experiment_id)))


@contextmanager
def current(project_id: str, experiment: str | None = None) -> Iterator[Project]:
    """Lets mlflow log into a project: its runs within go to an experiment of the project.

    The experiment is called as the project unless `experiment` says otherwise, and is made where there is none. What
    mlflow's experiment was before is so again afterwards.
    """
    import mlflow
    from mlflow.tracking import fluent

    project = get(project_id)
    # mlflow tells only of an experiment that it would make, which is none of ours to make.
    before = fluent._active_experiment_id
    chosen = mlflow.set_experiment(experiment or project["name"])
    try:
        link_experiment(project_id, chosen.experiment_id)
        yield project
    finally:
        if before is None:
            fluent._active_experiment_id = None
        else:
            mlflow.set_experiment(experiment_id=before)
