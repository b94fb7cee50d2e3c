"""Predictions, from the wheel, against a running Maestro: compat/maestro_python.e2e.test.ts."""

import json
import re
import uuid
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

import maestro
from maestro import insight, projects


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Thirty finished projects: each member of the team takes ten days more."""
    start = date(2024, 1, 1)
    rows = [
        {
            "name": f"<b>history</b> {uuid.uuid4().hex}",
            "team_size": 2 + at % 9,
            "problem_class": "vision" if at % 2 else "ranking",
            "start_date": start.isoformat(),
            "completion_date": (start + timedelta(days=20 + 10 * (at % 9) + at % 4)).isoformat(),
            "compute_cost": 100 + at,
            "success_score": 40 + at,
        }
        for at in range(30)
    ]
    path = tmp_path_factory.mktemp("history") / "projects.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    projects.import_jsonl(path)
    insight.train()
    return rows


def test_a_project_is_predicted_changed_and_scored_when_it_ends(history):
    project = projects.create(f"predicted {uuid.uuid4().hex}", team_size=3, start_date="2026-01-01")
    told = maestro.predict(project.project_id)
    assert told.intervals["duration_days"]["low"] <= told.predicted_duration_days <= told.intervals["duration_days"]["high"]
    table = told.to_frame().set_index("outcome")
    assert table.loc["cost", "predicted"] == told.predicted_cost
    assert set(told.contributions_frame()["outcome"]) <= {"success_score", "duration_days", "cost"}
    assert project.name in repr(told)

    assert maestro.predict(project.name).project_id == project.project_id
    changed = maestro.predict(project.name, team_size=9)
    assert changed.base["predicted_duration_days"] == told.predicted_duration_days
    assert "difference" in changed.to_frame().columns

    projects.finish(project.project_id, 70, completion_date="2026-01-21")
    assert insight.prediction(told.prediction_id).score["duration_days"]["actual"] == 20
    assert told.prediction_id in {kept.prediction_id for kept in insight.predictions(project.project_id, scored=True)}
    assert "This project has ended" in maestro.predict(project.project_id)._repr_html_()
    assert "This project has ended" not in told._repr_html_()


def test_a_prediction_of_nothing_or_of_no_project_is_refused(history):
    kept = len(insight.predictions(limit=None))
    with pytest.raises(ValueError, match="Give a project, or say what one would be like"):
        maestro.predict()
    with pytest.raises(maestro.NotFound, match="no project 'nowhere'"):
        maestro.predict("nowhere")
    assert len(insight.predictions(limit=None)) == kept


def test_notebooks_draw_intervals_and_contributions_and_escape_what_others_wrote(history):
    told = maestro.predict(name="<script>an idea</script>", team_size=5, problem_class="vision")
    html = told._repr_html_()
    assert "<script>" not in html and "<b>history" not in html
    assert "&lt;script&gt;an idea" in html
    drawings = re.findall(r"<svg.*?</svg>", html)
    assert len(drawings) >= 3
    for drawing in drawings:
        ElementTree.fromstring(drawing)


def test_what_was_learned_is_told(history):
    model = insight.model()
    assert model.version >= 1
    assert set(model.to_frame().columns) >= {"outcome", "projects", "mae", "sa", "coverage"}
    assert set(model.importances_frame().columns) >= {"outcome", "feature", "label", "importance"}
    assert "<table>" in model._repr_html_()
    for shown in (repr(model), model._repr_html_()):
        assert not re.search(r"\d\.\d{4}", shown)
    assert repr(model).startswith(f"Model(version {model.version}: ")
    assert insight.models(limit=1)[0].version == model.version
