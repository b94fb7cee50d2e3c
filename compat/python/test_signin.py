"""Who calls: API keys by Bearer and Basic, two tenants, workspaces. Maestro alone has these."""

import os

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


def refused_with(call, code):
    with pytest.raises(MlflowException) as refused:
        call()
    assert refused.value.error_code == code, refused.value
    return refused.value


def test_a_key_is_needed(tenant, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    assert refused_with(lambda: MlflowClient().search_experiments(), "UNAUTHENTICATED").get_http_status_code() == 401
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "mst_not_a_key")
    refused_with(lambda: MlflowClient().search_experiments(), "UNAUTHENTICATED")


def test_an_api_key_as_the_password_of_basic(tenant, monkeypatch, client, experiment):
    key = os.environ["MLFLOW_TRACKING_TOKEN"]
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anyone")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", key)
    run = MlflowClient().create_run(experiment)
    assert MlflowClient().get_run(run.info.run_id).info.experiment_id == experiment
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "wrong")
    refused_with(lambda: MlflowClient().get_run(run.info.run_id), "UNAUTHENTICATED")


def test_another_tenant_sees_nothing(tenant, other_token, monkeypatch, client, experiment, experiment_name, tmp_path):
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1)
        mlflow.log_text("secret", "secret.txt")
        made = mlflow.initialize_logged_model(name="secret")
    run_id = run.info.run_id
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", other_token)
    other = MlflowClient()
    assert other.get_experiment_by_name(experiment_name) is None
    assert experiment_name not in [one.name for one in other.search_experiments()]
    for call in (
        lambda: other.get_run(run_id),
        lambda: other.get_metric_history(run_id, "m"),
        lambda: other.log_metric(run_id, "m", 2),
        lambda: other.log_batch(run_id, params=[mlflow.entities.Param("p", "1")]),
        lambda: other.set_tag(run_id, "t", "1"),
        lambda: other.delete_run(run_id),
        lambda: other.list_artifacts(run_id),
        lambda: other.get_logged_model(made.model_id),
        lambda: other.finalize_logged_model(made.model_id, "READY"),
    ):
        refused_with(call, "RESOURCE_DOES_NOT_EXIST")
    with pytest.raises((MlflowException, OSError)):
        mlflow.artifacts.download_artifacts(f"{run.info.artifact_uri}/secret.txt", dst_path=tmp_path)
    monkeypatch.undo()
    assert client.get_run(run_id).data.metrics == {"m": 1.0}


def test_both_tenants_have_a_default_experiment_of_their_own(tenant, other_token, monkeypatch, client, experiment_name):
    mine = client.create_run("0", run_name=experiment_name)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", other_token)
    found = MlflowClient().search_runs(["0"], f"run_name = '{experiment_name}'")
    assert [run.info.run_id for run in found] == []
    assert MlflowClient().get_experiment("0").name == "Default"
    monkeypatch.undo()
    assert [run.info.run_id for run in client.search_runs(["0"], f"run_name = '{experiment_name}'")] == [mine.info.run_id]


def test_a_tenant_is_a_workspace(tenant, other_tenant, experiment, monkeypatch):
    assert tenant in [workspace.name for workspace in mlflow.list_workspaces()]
    assert other_tenant not in [workspace.name for workspace in mlflow.list_workspaces()]
    assert mlflow.get_workspace(tenant).name == tenant
    try:
        mlflow.set_workspace(tenant)
        with mlflow.start_run(experiment_id=experiment) as run:
            mlflow.log_metric("m", 1)
            mlflow.log_text("x", "x.txt")
        assert [f.path for f in MlflowClient().list_artifacts(run.info.run_id)] == ["x.txt"]
        mlflow.set_workspace(other_tenant)
        refused_with(lambda: MlflowClient().get_run(run.info.run_id), "RESOURCE_DOES_NOT_EXIST")
        refused_with(lambda: MlflowClient().search_experiments(), "RESOURCE_DOES_NOT_EXIST")
    finally:
        mlflow.set_workspace(None)


def test_the_workspace_of_the_environment(tenant, monkeypatch, experiment):
    monkeypatch.setenv("MLFLOW_WORKSPACE", tenant)
    assert MlflowClient().get_experiment(experiment).experiment_id == experiment
    monkeypatch.setenv("MLFLOW_WORKSPACE", "nobody-of-that-name")
    refused_with(lambda: MlflowClient().get_experiment(experiment), "RESOURCE_DOES_NOT_EXIST")
