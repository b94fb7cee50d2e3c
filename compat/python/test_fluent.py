"""The fluent interface, as a training script uses it."""

import math
import time

import mlflow
import pytest
from mlflow.entities import RunStatus


def test_a_run_keeps_what_was_logged(experiment):
    before = int(time.time() * 1000)
    with mlflow.start_run(run_name="first", description="a *note*", tags={"team": "red"}) as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"depth": 3, "name": "größe 雪", "none": None, "empty": ""})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": 0.9, "whole": 2}, step=7)
        mlflow.set_tag("stage", "dev")
        mlflow.set_tags({"a.b/c d": "1", "unicode": "雪 🎿"})

    seen = mlflow.get_run(run.info.run_id)
    assert seen.info.run_name == "first"
    assert seen.info.status == "FINISHED"
    assert seen.info.experiment_id == experiment
    assert before - 1000 <= seen.info.start_time <= seen.info.end_time <= int(time.time() * 1000) + 1000
    assert seen.data.params == {"lr": "0.1", "depth": "3", "name": "größe 雪", "none": "None", "empty": ""}
    assert seen.data.metrics == {"loss": 0.2, "acc": 0.9, "whole": 2.0}
    assert isinstance(seen.data.metrics["whole"], float)
    assert seen.data.tags["stage"] == "dev"
    assert seen.data.tags["a.b/c d"] == "1"
    assert seen.data.tags["unicode"] == "雪 🎿"
    assert seen.data.tags["mlflow.note.content"] == "a *note*"
    assert seen.data.tags["mlflow.runName"] == "first"


def test_a_run_without_a_name_gets_one(experiment):
    with mlflow.start_run() as run:
        pass
    name = mlflow.get_run(run.info.run_id).info.run_name
    assert name and name == mlflow.get_run(run.info.run_id).data.tags["mlflow.runName"]


def test_a_script_that_raises_leaves_a_failed_run(experiment):
    with pytest.raises(ZeroDivisionError):
        with mlflow.start_run() as run:
            mlflow.log_metric("m", 1 / 0)
    assert mlflow.get_run(run.info.run_id).info.status == "FAILED"


def test_a_run_is_killed_by_its_status(experiment):
    run = mlflow.start_run()
    mlflow.end_run(RunStatus.to_string(RunStatus.KILLED))
    assert mlflow.get_run(run.info.run_id).info.status == "KILLED"


def test_nested_runs_know_their_parent(experiment, client):
    with mlflow.start_run(run_name="parent") as parent:
        for i in range(3):
            with mlflow.start_run(run_name=f"child {i}", nested=True):
                mlflow.log_param("i", i)
                with mlflow.start_run(run_name="grandchild", nested=True) as grandchild:
                    mlflow.log_metric("m", i)
    children = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert sorted(run.info.run_name for run in children) == ["child 0", "child 1", "child 2"]
    assert client.get_parent_run(client.get_parent_run(grandchild.info.run_id).info.run_id).info.run_id == parent.info.run_id


def test_a_resumed_run_goes_on_where_it_stood(experiment):
    with mlflow.start_run() as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_metric("loss", 1.0, step=0)
    with mlflow.start_run(run_id=run.info.run_id) as again:
        assert mlflow.get_run(again.info.run_id).info.status == "RUNNING"
        mlflow.log_param("lr", 0.1)
        mlflow.log_metric("loss", 0.5, step=1)
    seen = mlflow.get_run(run.info.run_id)
    assert seen.info.status == "FINISHED"
    assert seen.data.metrics == {"loss": 0.5}
    assert [m.step for m in mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")] == [0, 1]


def test_a_param_cannot_change(experiment):
    with mlflow.start_run() as run:
        mlflow.log_param("lr", 0.1)
        with pytest.raises(mlflow.exceptions.MlflowException) as refused:
            mlflow.log_param("lr", 0.2)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    assert mlflow.get_run(run.info.run_id).data.params == {"lr": "0.1"}


def test_nan_comes_back_as_nan_and_infinities_as_the_greatest_doubles(experiment, client):
    with mlflow.start_run() as run:
        mlflow.log_metrics({"nan": math.nan, "inf": math.inf, "-inf": -math.inf})
        mlflow.log_metric("single", math.nan, step=3)
    metrics = client.get_run(run.info.run_id).data.metrics
    assert math.isnan(metrics["nan"]) and math.isnan(metrics["single"])
    assert metrics["inf"] >= 1.7976931348623157e308 and metrics["-inf"] <= -1.7976931348623157e308
    [point] = client.get_metric_history(run.info.run_id, "single")
    assert math.isnan(point.value) and point.step == 3


def test_a_thousand_metrics_in_one_call(experiment, client):
    values = {f"metric_{i:04}": i / 7 for i in range(1000)}
    with mlflow.start_run() as run:
        mlflow.log_metrics(values, step=1)
    assert client.get_run(run.info.run_id).data.metrics == values


def test_datasets_are_inputs_of_a_run(experiment, client):
    import pandas

    frame = pandas.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]})
    data = mlflow.data.from_pandas(frame, name="tiny", targets="y")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training", tags={"split": "1"})
        mlflow.log_input(data, context="training")
    [given] = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    assert given.dataset.name == "tiny"
    assert given.dataset.digest == data.digest
    assert {tag.key: tag.value for tag in given.tags}["mlflow.data.context"] == "training"
    found = client.search_runs([experiment], "dataset.name = 'tiny' AND dataset.context = 'training'")
    assert [one.info.run_id for one in found] == [run.info.run_id]


def test_system_tags_of_the_source_are_there(experiment):
    with mlflow.start_run() as run:
        pass
    tags = mlflow.get_run(run.info.run_id).data.tags
    assert tags["mlflow.source.type"] == "LOCAL" and tags["mlflow.source.name"] and tags["mlflow.user"]


def test_deleting_through_the_fluent_interface(experiment):
    with mlflow.start_run() as run:
        pass
    mlflow.delete_run(run.info.run_id)
    assert mlflow.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    assert len(mlflow.search_runs([experiment])) == 0
    mlflow.set_experiment_tag("k", "v")
    mlflow.set_experiment_tags({"l": "w"})
    assert mlflow.get_experiment(experiment).tags.items() >= {"k": "v", "l": "w"}.items()
    mlflow.delete_experiment(experiment)
    assert mlflow.get_experiment(experiment).lifecycle_stage == "deleted"
