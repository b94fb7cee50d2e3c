"""What finished projects teach: predictions with intervals, and what is behind them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from math import log
from typing import TYPE_CHECKING, Any

from maestro.client import client, given, path_of
from maestro.projects import id_of
from maestro.records import Record, Records, as_text, frame

if TYPE_CHECKING:
    import pandas

_OUTCOMES = {"success_score": "Success score", "duration_days": "Duration in days", "cost": "Cost"}
#: Contributions of an outcome that a notebook shows.
_SHOWN_MAX = 6
_WIDTH = 360
_ENDED = "This project has ended, and the model has learned from it: this is no forecast, and is not scored."


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{float(f'{value:.3g}'):g}"


def _ratio(value: float) -> str:
    """A share, a ratio or an error: what is less than a thousandth is nought."""
    return _figure(round(value, 3))


def _shown(answer: Mapping[str, Any], outcome: str) -> tuple[float, float, float] | None:
    """What is predicted, and its interval."""
    value, interval = answer[f"predicted_{outcome}"], answer["intervals"][outcome]
    return None if value is None or interval is None else (value, interval["low"], interval["high"])


def _bar(shown: tuple[float, float, float], end: float, colour: str) -> str:
    """An interval with its middle, on an axis from 0 to `end`."""
    value, low, high = (max(0.0, min(each / end, 1.0)) * (_WIDTH - 12) + 6 for each in shown)
    return (
        f'<svg width="{_WIDTH}" height="18" role="img" aria-label="{_figure(shown[0])}, {_figure(shown[1])} to '
        f'{_figure(shown[2])}"><line x1="6" x2="{_WIDTH - 6}" y1="9" y2="9" stroke="#8884"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="9" y2="9" stroke="{colour}" stroke-width="3"/>'
        f'<line x1="{low:.1f}" x2="{low:.1f}" y1="3" y2="15" stroke="{colour}" stroke-width="2"/>'
        f'<line x1="{high:.1f}" x2="{high:.1f}" y1="3" y2="15" stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{value:.1f}" cy="9" r="4.5" fill="{colour}"/></svg>'
    )


def _strength(outcome: str, effect: float) -> float:
    """How far an effect is from none: of a factor the logarithm, of points those."""
    return effect if outcome == "success_score" else log(effect)


def _is_nought(outcome: str, effect: float) -> bool:
    """Whether an effect is read as none: less than half a percent, or than half of a tenth of a point."""
    return abs(effect) < 0.05 if outcome == "success_score" else abs(effect - 1) < 0.005


def _contribution(strength: float, most: float) -> str:
    """A bar to the right of the middle for more, to the left for less."""
    half = _WIDTH / 4
    length = abs(strength) / most * (half - 4) if most > 0 else 0
    start = half if strength > 0 else half - length
    colour = "#b3541e" if strength > 0 else "#1e6fb3"
    return (
        f'<svg width="{2 * half:.0f}" height="12"><rect x="{start:.1f}" y="1" width="{length:.1f}" height="10" '
        f'fill="{colour}"/><line x1="{half}" x2="{half}" y1="0" y2="12" stroke="#8888"/></svg>'
    )


class Prediction(Record):
    """What is predicted of a project, with intervals and reasons."""

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each outcome: predicted, low, high; of changes also the difference."""
        rows = []
        for outcome in _OUTCOMES:
            value, low, high = _shown(self, outcome) or (None, None, None)
            row = {"outcome": outcome, "predicted": value, "low": low, "high": high}
            rows.append({**row, "difference": self["differences"][outcome]} if self["differences"] else row)
        return frame(rows)

    def contributions_frame(self) -> "pandas.DataFrame":
        """A row for each feature and outcome: label, value, effect (of durations and costs a factor)."""
        return frame(
            {"outcome": outcome, **each} for outcome in _OUTCOMES for each in self["contributions"][outcome] or ()
        )

    def __repr__(self) -> str:
        figures = ", ".join(
            f"{outcome} {_figure(shown[0])} ({_figure(shown[1])} to {_figure(shown[2])})"
            for outcome in _OUTCOMES
            if (shown := _shown(self, outcome))
        )
        return f"Prediction({self['name'] or 'a project not made'}: {figures or 'nothing is known yet'})"

    def _repr_html_(self) -> str:
        of = escape(self["name"] or "a project that is not made")
        told = "".join(f"<li>{escape(sentence)}</li>" for sentence in self["recommendation"])
        ended = f"<p>{_ENDED}</p>" if "project_ended" in self["flags"] else ""
        rows = "".join(self._rows(outcome, title) for outcome, title in _OUTCOMES.items())
        return (
            f"<div><b>What to expect of {of}</b> (confidence {self['confidence']:.2f}){ended}<table>{rows}</table>"
            f"<ul>{told}</ul>{self._contributions()}{self._similar()}</div>"
        )

    def _rows(self, outcome: str, title: str) -> str:
        now = _shown(self, outcome)
        if now is None:
            return f"<tr><th>{title}</th><td colspan='2'>not known</td></tr>"
        before = _shown(self["base"], outcome) if self["base"] else None
        end = max(100.0 if outcome == "success_score" else 0.0, now[2], before[2] if before else 0.0) or 1.0
        lines = [(f"{title}, as it is", before, "#888")] if before else []
        lines.append((f"{title}, changed" if before else title, now, "#1e6fb3"))
        return "".join(
            f"<tr><th>{name}</th><td>{_figure(shown[0])} ({_figure(shown[1])} to {_figure(shown[2])})</td>"
            f"<td>{_bar(shown, end, colour)}</td></tr>"
            for name, shown, colour in lines
        )

    def _contributions(self) -> str:
        parts = []
        for outcome, title in _OUTCOMES.items():
            moving: Sequence[Mapping[str, Any]] = self["contributions"][outcome] or []
            shown = [each for each in moving if not _is_nought(outcome, each["effect"])][:_SHOWN_MAX]
            most = max((abs(_strength(outcome, each["effect"])) for each in shown), default=0)
            rows = "".join(
                f"<tr><td>{escape(each['label'])}</td><td>{'' if each['value'] is None else escape(str(each['value']))}"
                f"</td><td>{_contribution(_strength(outcome, each['effect']), most)}</td>"
                f"<td>{escape(each['text'])}</td></tr>"
                for each in shown
            )
            if rows:
                summary = f"<summary>What moves the {title.lower()}</summary>"
                parts.append(f"<details open>{summary}<table>{rows}</table></details>")
        return "".join(parts)

    def _similar(self) -> str:
        if not self["similar"]:
            return ""
        table = Records(Record({k: v for k, v in each.items() if k != "project_id"}) for each in self["similar"])
        return f"<details><summary>The finished projects most like it</summary>{table._repr_html_()}</details>"


class Model(Record):
    """What was learned, how good it is, and whether it still fits."""

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each outcome, with its errors and how many intervals held."""
        return frame(
            {
                "outcome": each["outcome"],
                "projects": each["rows"],
                **{name: (each["errors"] or {}).get(name) for name in ("mae", "md_mre", "pred_25", "sa")},
                "coverage": (each["intervals"] or {}).get("coverage"),
            }
            for each in self["outcomes"]
        )

    def importances_frame(self) -> "pandas.DataFrame":
        return frame({"outcome": of["outcome"], **each} for of in self["outcomes"] for each in of["importances"])

    def _repr_html_(self) -> str:
        return Records(Record(row) for row in self._rows())._repr_html_()

    def _rows(self) -> Iterator[dict[str, Any]]:
        for each in self["outcomes"]:
            scores = {**(each["errors"] or {}), **(each["intervals"] or {})}
            yield {
                "outcome": each["outcome"],
                "projects": each["rows"],
                **{name: None if value is None else _ratio(value) for name, value in scores.items()},
            }

    def __repr__(self) -> str:
        if self["version"] is None:
            return "Model(nothing was learned yet)"
        told = ", ".join(
            f"{each['outcome']} from {each['rows']} projects"
            + (f" (mae {_ratio(each['errors']['mae'])})" if each["errors"] else "")
            for each in self["outcomes"]
        )
        return f"Model(version {self['version']}: {told})"


class Trained(Record):
    """The version that was learned, and whether it is new."""


def predict(
    project_id: str | None = None,
    *,
    name: str | None = None,
    problem_class: str | None = None,
    complexity_score: int | None = None,
    team_size: int | None = None,
    start_date: date | str | None = None,
    metadata: Mapping[str, Any] | None = None,
    artifacts: Sequence[str] | None = None,
) -> Prediction:
    """Predicts success, duration and cost: of a project, by its id or its name, as it is or with what else is given changed;
    without a project of one that is not made. Metadata are changed key by key (None takes one away); `artifacts` are ids that it would use too."""
    changes = given(
        name=name,
        problem_class=problem_class,
        complexity_score=complexity_score,
        team_size=team_size,
        start_date=as_text(start_date),
        metadata=None if metadata is None else dict(metadata),
        artifacts=None if artifacts is None else list(artifacts),
    )
    if project_id is None:
        if not changes:
            raise ValueError("Give a project, or say what one would be like: such as name, problem_class or team_size.")
        return Prediction(client().call("POST", "/predictions", body=changes))
    found = id_of(project_id)
    if not changes:
        return Prediction(client().call("POST", path_of("projects", found, "predict"), body={}))
    return Prediction(client().call("POST", "/predictions", body={"project_id": found, **changes}))


def prediction(prediction_id: str) -> Prediction:
    """One that was kept, with its `score` once the project has ended."""
    return Prediction(client().call("GET", path_of("predictions", prediction_id)))


def iterate(
    project_id: str | None = None,
    *,
    scored: bool | None = None,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    limit: int | None = None,
) -> Iterator[Record]:
    """What `predictions` finds, a page at a time as it is asked for."""
    asked = given(project_id=project_id, scored=scored, since=as_text(since), until=as_text(until))
    return (Record(item) for item in client().pages("GET", "/predictions", asked, limit))


def predictions(project_id: str | None = None, *, limit: int | None = 100, **filters: Any) -> Records:
    """Predictions that were kept, the newest first; `filters`: scored, since, until."""
    return Records(iterate(project_id, limit=limit, **filters))


def model() -> Model:
    """What was learned from the finished projects."""
    return Model(client().call("GET", "/insight/model"))


def models(limit: int | None = None) -> Records:
    """The versions that are kept, the newest first."""
    return Records(Record(item) for item in client().pages("GET", "/insight/models", {}, limit))


def train() -> Trained:
    """Learns from the finished projects now; they teach by themselves, too, soon after an outcome."""
    return Trained(client().call("POST", "/insight/train", body={}, repeatable=True))
