"""Experiments in projects, by the tag `maestro.project`. Maestro alone has projects."""

import os
import uuid

import mlflow
import pytest
import requests
from mlflow.exceptions import MlflowException


def native(method, path, **more):
    headers = {"authorization": f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}"}
    answer = requests.request(
        method, f"{os.environ['MLFLOW_TRACKING_URI']}/api/v1{path}", headers=headers, timeout=30, **more
    )
    assert answer.ok, answer.text
    return answer.json()


@pytest.fixture
def project(tenant):
    return native("POST", "/projects", json={"name": f"churn {uuid.uuid4().hex[:8]}"})


def experiments_of(project):
    return [str(one["experiment_id"]) for one in native("GET", f"/projects/{project['project_id']}")["experiments"]]


def test_an_experiment_is_made_in_a_project(project, client, experiment_name):
    made = client.create_experiment(experiment_name, tags={"maestro.project": project["name"]})
    assert experiments_of(project) == [made]
    mlflow.set_experiment(experiment_name)
    with mlflow.start_run() as run:
        mlflow.log_metric("accuracy", 0.9)
    seen = native("GET", f"/projects/{project['project_id']}")
    assert seen["runs"] == {"total": 1, "by_status": {"FINISHED": 1}}
    assert seen["best_metrics"]["accuracy"]["max"] == {"value": 0.9, "run_id": run.info.run_id}


def test_an_experiment_is_put_into_a_project_and_taken_out(project, client, experiment):
    client.set_experiment_tag(experiment, "maestro.project", project["project_id"])
    assert experiments_of(project) == [experiment]
    assert client.get_experiment(experiment).tags["maestro.project"] == project["project_id"]
    client.delete_experiment_tag(experiment, "maestro.project")
    assert experiments_of(project) == []


def test_an_unknown_project_is_refused_by_its_name(tenant, client, experiment, experiment_name):
    with pytest.raises(MlflowException, match="there is no project .* 'nowhere'"):
        client.set_experiment_tag(experiment, "maestro.project", "nowhere")
    with pytest.raises(MlflowException, match="there is no project .* 'nowhere'"):
        client.create_experiment(f"{experiment_name} b", tags={"maestro.project": "nowhere"})
    assert client.get_experiment_by_name(f"{experiment_name} b") is None
