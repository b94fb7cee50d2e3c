"""MlflowClient: experiments, runs, batches and their limits as the client sees them."""

import time

import pytest
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


def test_an_experiment_from_birth_to_restoration(client, experiment_name):
    experiment_id = client.create_experiment(experiment_name, tags={"team": "red"})
    assert experiment_id.isdigit()
    seen = client.get_experiment_by_name(experiment_name)
    assert (seen.experiment_id, seen.lifecycle_stage, seen.tags) == (experiment_id, "active", {"team": "red"})
    assert seen.artifact_location.startswith("mlflow-artifacts:/")
    assert abs(seen.creation_time - time.time() * 1000) < 60_000
    client.rename_experiment(experiment_id, f"{experiment_name} renamed")
    client.set_experiment_tag(experiment_id, "stage", "dev")
    client.delete_experiment_tag(experiment_id, "team")
    seen = client.get_experiment(experiment_id)
    assert (seen.name, seen.tags) == (f"{experiment_name} renamed", {"stage": "dev"})
    assert seen.last_update_time >= seen.creation_time
    run = client.create_run(experiment_id)
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    client.restore_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "active"
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


def test_a_taken_name_is_refused(client, experiment_name):
    client.create_experiment(experiment_name)
    with pytest.raises(MlflowException) as refused:
        client.create_experiment(experiment_name)
    assert refused.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_the_default_experiment_is_there(client):
    default = client.get_experiment("0")
    assert (default.name, default.lifecycle_stage) == ("Default", "active")
    assert client.get_experiment_by_name("Default").experiment_id == "0"


def test_an_absent_experiment_is_none_by_name_and_an_error_by_id(client, experiment_name):
    assert client.get_experiment_by_name(experiment_name) is None
    with pytest.raises(MlflowException) as absent:
        client.get_experiment("999999999")
    assert absent.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert absent.value.get_http_status_code() == 404


def test_experiments_are_searched_in_pages(client, experiment_name):
    names = [f"{experiment_name} {i:02}" for i in range(7)]
    ids = [client.create_experiment(name, tags={"parity": str(i % 2)}) for i, name in enumerate(names)]
    client.delete_experiment(ids[3])
    mine = f"name LIKE '{experiment_name}%'"
    seen, token, pages = [], None, 0
    while pages == 0 or token:
        page = client.search_experiments(filter_string=mine, order_by=["name ASC"], max_results=2, page_token=token)
        assert len(page) <= 2
        seen += [one.name for one in page]
        token, pages = page.token, pages + 1
    assert seen == names[:3] + names[4:]
    assert pages == 3
    odd = client.search_experiments(filter_string=f"{mine} AND tags.parity = '1'", view_type=ViewType.ALL, order_by=["name DESC"])
    assert [one.name for one in odd] == [names[5], names[3], names[1]]
    assert [one.name for one in client.search_experiments(filter_string=mine, view_type=ViewType.DELETED_ONLY)] == [names[3]]


def test_a_run_from_birth_to_restoration(client, experiment):
    run = client.create_run(experiment, start_time=1000, tags={"a": "b"}, run_name="named")
    run_id = run.info.run_id
    assert (run.info.status, run.info.start_time, run.info.end_time, run.info.run_name) == ("RUNNING", 1000, None, "named")
    client.set_terminated(run_id, "FINISHED", end_time=2000)
    client.update_run(run_id, name="renamed")
    seen = client.get_run(run_id)
    assert (seen.info.status, seen.info.end_time, seen.info.run_name) == ("FINISHED", 2000, "renamed")
    assert seen.data.tags == {"a": "b", "mlflow.runName": "renamed"}
    client.delete_tag(run_id, "a")
    client.set_tag(run_id, "mlflow.runName", "by tag")
    assert client.get_run(run_id).info.run_name == "by tag"
    client.delete_run(run_id)
    with pytest.raises(MlflowException) as refused:
        client.log_metric(run_id, "m", 1)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    client.restore_run(run_id)
    client.log_metric(run_id, "m", 1)
    assert client.get_run(run_id).data.metrics == {"m": 1.0}


def test_the_latest_metric_is_by_step_then_time_then_value(client, run_id):
    points = [(5, 100, 1.0), (4, 900, 9.0), (5, 101, 0.5), (5, 101, 0.75), (5, 101, 0.25)]
    for step, timestamp, value in points:
        client.log_metric(run_id, "m", value, timestamp, step)
    assert client.get_run(run_id).data.metrics == {"m": 0.75}
    history = client.get_metric_history(run_id, "m")
    assert {(m.step, m.timestamp, m.value) for m in history} == set(points)


def test_a_repeated_call_changes_nothing(client, run_id):
    now = 1_700_000_000_000
    for _ in range(3):
        client.log_batch(run_id, [Metric("m", 1.5, now, 0), Metric("m", 2.5, now, 1)], [Param("p", "1")], [RunTag("t", "1")])
    assert len(client.get_metric_history(run_id, "m")) == 2


def test_a_full_batch_is_taken_and_history_comes_in_order(client, run_id):
    metrics = [Metric("m", i / 3, 1_700_000_000_000 + i, i) for i in range(800)]
    params = [Param(f"p{i}", str(i)) for i in range(100)]
    tags = [RunTag(f"t{i}", str(i)) for i in range(100)]
    client.log_batch(run_id, metrics=metrics, params=params, tags=tags)
    run = client.get_run(run_id)
    assert len(run.data.params) == 100 and len(run.data.tags) >= 100
    assert [(m.step, m.value) for m in client.get_metric_history(run_id, "m")] == [(i, i / 3) for i in range(800)]


def test_the_client_splits_a_batch_over_the_limits(client, run_id):
    metrics = [Metric("m", i, 1, i) for i in range(2500)]
    params = [Param(f"p{i}", str(i)) for i in range(250)]
    client.log_batch(run_id, metrics, params, [RunTag(f"t{i}", "1") for i in range(150)])
    run = client.get_run(run_id)
    assert len(client.get_metric_history(run_id, "m")) == 2500
    assert run.data.params == {f"p{i}": str(i) for i in range(250)} and len(run.data.tags) >= 150


def test_batches_over_the_limit_are_refused_whole(client, run_id):
    store = client._tracking_client.store  # Below the client, which splits.
    for batch in (
        {"metrics": [Metric("m", 1, 1, i) for i in range(1001)]},
        {"params": [Param(f"p{i}", "1") for i in range(101)]},
        {"tags": [RunTag(f"t{i}", "1") for i in range(101)]},
    ):
        with pytest.raises(MlflowException) as refused:
            store.log_batch(run_id, **{"metrics": [], "params": [], "tags": [], **batch})
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    with pytest.raises(MlflowException):
        client.log_batch(run_id, metrics=[Metric("half", 1, 1, 0)], params=[Param("p", "1"), Param("p", "2")])
    run = client.get_run(run_id)
    assert run.data.metrics == {} and run.data.params == {}


def test_long_values_are_cut_at_the_limits(client, run_id):
    client.log_param(run_id, "p", "v" * 6000)
    client.set_tag(run_id, "t", "v" * 8000)
    run = client.get_run(run_id)
    assert run.data.params["p"] == "v" * 6000 and run.data.tags["t"] == "v" * 8000
    with pytest.raises(MlflowException):
        client.log_param(run_id, "k" * 251, "v")


def test_names_that_are_no_names_are_refused(client, run_id):
    for key in ("a!b", "../a", "/a", "a//b", ""):
        with pytest.raises(MlflowException) as refused:
            client.log_metric(run_id, key, 1.0)
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE", key
    for key in ("a/b", "a b", "a.b-c_d:e", "größe"):
        client.log_metric(run_id, key, 1.0)


def test_an_absent_run_is_an_error_of_its_own_code(client):
    absent = "0" * 32
    for call in (
        lambda: client.get_run(absent),
        lambda: client.log_metric(absent, "m", 1),
        lambda: client.log_param(absent, "p", 1),
        lambda: client.set_tag(absent, "t", 1),
        lambda: client.set_terminated(absent),
        lambda: client.list_artifacts(absent),
        lambda: client.delete_run(absent),
    ):
        with pytest.raises(MlflowException) as refused:
            call()
        assert refused.value.error_code == "RESOURCE_DOES_NOT_EXIST"
