"""maestro beside the genuine client, from its wheel, against a running Maestro: compat/maestro_python.e2e.test.ts."""

import hashlib
import json
import re
import subprocess
import sys
import threading
import uuid
from datetime import date, datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import mlflow
import pandas
import pytest

import maestro
from maestro import client as connection
from maestro import library, metrics, projects
from maestro.records import Record, Records


def name_of(what: str) -> str:
    return f"{what} {uuid.uuid4().hex[:12]}"


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch):
    monkeypatch.setattr(connection, "_client", None)


@pytest.fixture
def answers():
    """A server that answers what it is told to, one after the other, and notes what it was asked."""
    servers = []

    def start(*replies):
        left, asked = list(replies), []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length", 0))
                asked.append((self.command, self.headers.get("Authorization"), self.rfile.read(length)))
                status, headers, body = left.pop(0)
                content = json.dumps(body).encode()
                self.send_response(status)
                for header, value in headers.items():
                    self.send_header(header, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_PUT = do_PATCH = do_GET

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


AWAY = (503, {"Retry-After": "0"}, {"type": "urn:maestro:error:unavailable", "detail": "away", "request_id": "r1"})
EMPTY = (200, {}, {"items": [], "next_page_token": None})


def test_the_example_of_the_guide_runs(tmp_path):
    guide = Path(__file__).parents[3] / "docs" / "guide" / "python.md"
    [code] = re.findall(r"```python\n(.*?)```", guide.read_text(), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "0.91" in done.stdout and "review_hours" in done.stdout and "82" in done.stdout
    assert (tmp_path / "features.txt").read_text() == "clip, encode, scale"


def test_a_project_is_recorded_changed_finished_and_deleted():
    name = name_of("project")
    project = projects.create(name, team_size=3, start_date=date(2026, 1, 12), metadata={"industry": "retail"})
    assert projects.named(name).project_id == project.project_id
    assert projects.update(project.project_id, team_size=None).team_size is None
    done = projects.finish(project.project_id, 82.5, completion_date="2026-03-20", compute_cost=140)
    assert (done.success_score, done.compute_cost, done.completion_date) == (82.5, 140, "2026-03-20")
    projects.delete(project.project_id)
    with pytest.raises(maestro.NotFound) as missing:
        projects.get(project.project_id)
    assert (missing.value.status, missing.value.code) == (404, "not_found")
    assert missing.value.request_id


def test_lists_go_over_pages_and_become_frames(tmp_path):
    kind = uuid.uuid4().hex
    lines = "".join(f"{kind} {number},{kind},2026-01-{1 + number % 28:02}\n" for number in range(230))
    report = projects.import_csv(write(tmp_path / "p.csv", "name,problem_class,start_date\n" + lines))
    assert report.imported == 230
    found = projects.list(None, problem_class=kind, order_by="start_date", order="asc")
    assert len({project.name for project in found}) == 230
    frame = found.to_frame()
    assert frame.start_date.is_monotonic_increasing and frame.start_date.iloc[0] == pandas.Timestamp("2026-01-01")
    assert len(projects.list(120, problem_class=kind)) == 120
    assert len(projects.list(problem_class=kind, started_from=date(2026, 1, 28))) == 8


def test_an_import_maps_columns_and_a_dry_run_tells_the_bad_lines(tmp_path):
    name = name_of("imported")
    path = write(tmp_path / "history.csv", f"Project;Success\n{name};0.5\nother {name};7\n")
    options = {"map": {"name": "Project", "success_score": "Success"}, "unit": {"success_score": "fraction"}}
    report = projects.import_csv(path, delimiter=";", dry_run=True, **options)
    assert (report.imported, report.good_rows, [fault["line"] for fault in report.faults]) == (0, 1, [3])
    with pytest.raises(maestro.InvalidParameter, match="line 3") as refused:
        projects.import_csv(path, delimiter=";", **options)
    assert refused.value.field == "body"
    report = projects.import_csv(path, delimiter=";", skip_bad_rows=True, **options)
    assert (report.imported, [fault["line"] for fault in report.faults]) == (1, [3])
    name = name_of("imported")
    lines = write(tmp_path / "history.jsonl", json.dumps({"name": name, "team_size": 4}) + "\n")
    assert projects.import_jsonl(lines).imported == 1


def test_mlflow_logs_into_the_current_project_and_then_where_it_did_before():
    before = mlflow.set_experiment(name_of("before"))
    project = projects.create(name_of("current"))
    with projects.current(project.project_id) as current, mlflow.start_run():
        assert current.name == project.name
        mlflow.log_metric("auc", 0.91)
    seen = projects.get(project.project_id)
    assert seen.runs["total"] == 1 and seen.best_metrics["auc"]["max"]["value"] == 0.91
    [experiment] = seen.experiments
    assert mlflow.get_experiment(str(experiment["experiment_id"])).tags[projects.TAG] == project.project_id
    with mlflow.start_run() as run:
        assert run.info.experiment_id == before.experiment_id
    projects.unlink_experiment(project.project_id, experiment["experiment_id"])
    assert projects.get(project.project_id).experiments == []


def test_an_artifact_is_found_misspelt_downloaded_as_it_was_and_seen_in_the_project_that_uses_it(tmp_path):
    word = "".join(chr(97 + int(digit, 16)) for digit in uuid.uuid4().hex[:12])
    artifact = library.register(f"Seasonal {word}", "notebook", tags=["retail"], description="Weekly features")
    content = write(tmp_path / "weekly.ipynb", "{}" * 700_000)
    version = library.upload(artifact.artifact_id, content, version="1.0.0")
    assert (version.size, version.file_name) == (1_400_000, "weekly.ipynb")
    [found] = library.search(f"sesonal {word}", type="notebook", tags=["retail"])
    assert found.artifact_id == artifact.artifact_id
    copy = library.download(artifact.artifact_id, tmp_path / "copy.ipynb")
    assert copy.read_bytes() == content.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.ipynb", "weekly.ipynb"]
    project = projects.create(name_of("user"))
    first = library.use(artifact.artifact_id, project.project_id)
    assert library.use(artifact.artifact_id, project.project_id) == first
    assert [usage.project_id for usage in library.usages(artifact.artifact_id)] == [project.project_id]
    assert artifact.artifact_id in {each.artifact_id for each in library.top("notebook", limit=100)}
    with pytest.raises(maestro.AlreadyExists):
        library.upload(artifact.artifact_id, content, version="1.0.0")
    library.deprecate(artifact.artifact_id, "superseded")
    assert library.search(word) == []
    assert library.restore(artifact.artifact_id).is_active


def test_a_download_whose_content_is_not_what_the_version_says_is_refused_and_leaves_nothing(answers, tmp_path):
    digest = hashlib.sha256(json.dumps("whole").encode()).hexdigest()
    version = (200, {}, {"version": "1", "sha256": digest})
    url, _ = answers(version, (200, {}, "other"), version, (200, {}, "whole"))
    maestro.connect(url, "mst_one")
    kept = write(tmp_path / "kept.json", "before")
    with pytest.raises(maestro.ContentMismatch, match=digest) as refused:
        library.download("a", kept, version="1")
    assert isinstance(refused.value, maestro.MaestroError)
    assert ([path.name for path in tmp_path.iterdir()], kept.read_text()) == (["kept.json"], "before")
    assert library.download("a", kept, version="1").read_text() == '"whole"'


def test_a_run_file_and_a_logged_model_become_artifacts_with_their_lineage():
    project = projects.create(name_of("origin"))
    with projects.current(project.project_id), mlflow.start_run() as run:
        mlflow.log_text("a,b", "data/schema.csv")
        model = mlflow.pyfunc.log_model(name="model", python_model=lambda model_input: model_input, pip_requirements=[])
    schema = library.promote_run_file(run.info.run_id, "data/schema.csv", name=name_of("schema"), type="schema")
    assert (schema.version.run_id, schema.version.run_path) == (run.info.run_id, "data/schema.csv")
    promoted = library.promote_model(model.model_id, name=name_of("model"), type="model_template")
    assert promoted.version.model_id == model.model_id
    assert {made["artifact_id"] for made in library.of_project(project.project_id).produced} == {
        schema.artifact_id,
        promoted.artifact_id,
    }
    again = library.promote_run_file(run.info.run_id, "data", artifact_id=schema.artifact_id)
    assert [version.number for version in library.versions(schema.artifact_id)] == [2, 1]
    assert again.version.file_name == "data.tar"
    assert project.project_id in json.dumps(dict(library.lineage(promoted.artifact_id)))


def test_process_metrics_are_recorded_once_summarized_and_seen_over_time():
    project = projects.create(name_of("measured")).project_id
    at = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
    assert metrics.log(project, "review_hours", 3, at=at, external_key="one").recorded == 1
    assert metrics.log(project, "review_hours", 3, at=at, external_key="one").repeated == 1
    days = [at.replace(day=day) for day in range(2, 29)]
    batch = [{"project_id": project, "metric_type": "review_hours", "value": day.day, "at": day} for day in days]
    assert metrics.log_batch(batch).recorded == 27
    frame = metrics.summary(project, start="2026-06-01", end="2026-06-30").to_frame()
    assert frame.loc[frame.metric_type == "review_hours", "count"].item() == 28
    velocity = metrics.velocity(project, "review_hours", bucket="day", start="2026-06-01", end="2026-06-30")
    assert velocity.trend["direction"] == "rising"
    assert isinstance(velocity.to_frame().start.iloc[0], pandas.Timestamp)
    assert "<table>" in velocity._repr_html_()


def test_what_notebooks_show_is_escaped():
    hostile = "<script>alert(1)</script>"
    project = projects.create(name_of(hostile), metadata={hostile: hostile})
    for shown in (project, projects.list(1), Records([Record({hostile: hostile})])):
        assert "<table>" in shown._repr_html_() and "<script" not in shown._repr_html_()


def test_a_refusal_names_the_field():
    with pytest.raises(maestro.InvalidParameter) as refused:
        projects.create("one too large", complexity_score=101)
    assert refused.value.field == "complexity_score" and "complexity_score" in str(refused.value)
    with pytest.raises(ValueError, match="expected a name or an id"):
        projects.get("..")


def test_a_read_is_repeated_while_the_server_is_away_and_a_creation_is_not(answers):
    url, asked = answers(AWAY, AWAY, EMPTY)
    maestro.connect(url, "mst_one")
    assert projects.list() == []
    assert len(asked) == 3
    url, asked = answers(AWAY)
    maestro.connect(url, "mst_one")
    with pytest.raises(maestro.Unavailable) as away:
        projects.create("twice would be two")
    assert (len(asked), away.value.request_id) == (1, "r1")


def test_a_call_that_was_refused_for_its_rate_waits_as_told_and_a_quota_is_not_waited_for(answers):
    limited = {"type": "urn:maestro:error:limit_exceeded", "detail": "slower"}
    url, asked = answers((429, {"Retry-After": "0"}, limited), (201, {}, {"project_id": "p"}))
    maestro.connect(url, "mst_one")
    assert projects.create("once").project_id == "p"
    for headers in ({}, {"Retry-After": "3600"}):
        url, asked = answers((429, headers, limited))
        maestro.connect(url, "mst_one")
        with pytest.raises(maestro.LimitExceeded):
            projects.list()
        assert len(asked) == 1


def test_a_token_of_the_environment_goes_to_its_own_address_alone_and_follows_no_redirect(answers, monkeypatch):
    other, asked_other = answers(EMPTY)
    url, asked = answers((302, {"Location": other}, None))
    monkeypatch.setenv("MAESTRO_URL", url)
    monkeypatch.setenv("MAESTRO_TOKEN", "mst_own")
    with pytest.raises(maestro.MaestroError, match="302"):
        projects.list()
    assert asked[0][1] == "Bearer mst_own"
    maestro.connect(other)
    with pytest.raises(maestro.NotSignedIn, match="Nobody is signed in"):
        projects.list()
    assert asked_other == []
