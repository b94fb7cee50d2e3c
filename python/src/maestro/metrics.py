"""Process metrics of projects: how the work goes, beside what its models reach."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from maestro.client import client, given, path_of
from maestro.records import Record, Records, as_text, frame

if TYPE_CHECKING:
    import pandas

#: As many as one request may hold.
_BATCH_MAX = 10_000


class Recorded(Record):
    """How many were recorded, and how many were known by their external_key."""


class Summary(Record):
    """Statistics of each metric type of a project."""

    def to_frame(self) -> "pandas.DataFrame":
        return frame(self["metrics"])

    def _repr_html_(self) -> str:
        return _table(self["metrics"])


class Velocity(Record):
    """How a metric moves over days, weeks or months, with its `trend`."""

    def to_frame(self) -> "pandas.DataFrame":
        return frame(self["buckets"])

    def _repr_html_(self) -> str:
        return _table(self["buckets"])


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    return Records(Record(row) for row in rows)._repr_html_()


def _measurement(fields: Mapping[str, Any]) -> dict[str, Any]:
    said = given(**fields)
    # With a name of its own it is recorded once, however often it is sent.
    said.setdefault("external_key", str(uuid4()))
    return {name: as_text(value) if isinstance(value, date) else value for name, value in said.items()}


def log(
    project_id: str,
    metric_type: str,
    value: float,
    *,
    at: datetime | str | None = None,
    source: str | None = None,
    external_key: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Recorded:
    """Records a value of a metric: git_velocity, ci_runtime, experiment_count or a type of the tenant's own."""
    measurement = _measurement(
        {
            "project_id": project_id,
            "metric_type": metric_type,
            "value": value,
            "at": at,
            "source": source,
            "external_key": external_key,
            "metadata": None if metadata is None else dict(metadata),
        }
    )
    return Recorded(client().call("POST", "/metrics", body=measurement, repeatable=True))


def log_batch(metrics: Iterable[Mapping[str, Any]]) -> Recorded:
    """Records many: project_id, metric_type, value, and what else `log` takes, each.

    10,000 go in one request, all or none; of more, what was sent before a refusal stays.
    """
    total = {"recorded": 0, "repeated": 0}
    batch: list[dict[str, Any]] = []

    def send() -> None:
        answer = client().call("POST", "/metrics/batch", body={"metrics": batch}, repeatable=True)
        for name in total:
            total[name] += answer[name]
        batch.clear()

    for metric in metrics:
        batch.append(_measurement(metric))
        if len(batch) == _BATCH_MAX:
            send()
    if batch:
        send()
    return Recorded(total)


def _span(start: date | str | None, end: date | str | None) -> dict[str, Any]:
    return given(**{"from": as_text(start), "to": as_text(end)})


def summary(project_id: str, *, start: date | str | None = None, end: date | str | None = None) -> Summary:
    """Statistics of each metric type, from the day `start` to the day `end` (UTC)."""
    return Summary(client().call("GET", path_of("metrics", project_id, "summary"), query=_span(start, end)))


def velocity(
    project_id: str,
    metric_type: str | None = None,
    *,
    bucket: str | None = None,
    measure: str | None = None,
    source: str | None = None,
    start: date | str | None = None,
    end: date | str | None = None,
) -> Velocity:
    """How a metric (git_velocity by default) moves by `bucket` ('day', 'week', 'month'), and its trend."""
    asked = given(metric_type=metric_type, bucket=bucket, measure=measure, source=source)
    return Velocity(
        client().call("GET", path_of("metrics", project_id, "velocity"), query={**asked, **_span(start, end)})
    )
