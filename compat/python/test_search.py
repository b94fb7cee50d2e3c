"""Searching runs: filters, orders, pages and data frames."""

import math

import mlflow
import pandas
import pytest
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


@pytest.fixture
def runs(client, experiment):
    """23 runs: run i has metric i/10 (every seventh none, every fifth NaN), param p = i % 3, started at 1000 * (i + 1)."""
    ids = []
    for i in range(23):
        run = client.create_run(experiment, start_time=1000 * (i + 1), run_name=f"run {i:02}")
        metrics = [] if i % 7 == 6 else [Metric("m x", math.nan if i % 5 == 4 else i / 10, 1, 0)]
        client.log_batch(run.info.run_id, metrics, [Param("p", str(i % 3))], [RunTag("team", "Red" if i % 2 else "blue")])
        ids.append(run.info.run_id)
    return ids


def every_page(client, experiment, **search):
    seen, token = [], None
    while True:
        page = client.search_runs([experiment], page_token=token, **search)
        seen += [run.info.run_name for run in page]
        token = page.token
        if not token:
            return seen


@pytest.mark.parametrize("size", [1, 4, 22, 23, 24])
@pytest.mark.parametrize("order", [[], ["metrics.`m x` ASC"], ["metrics.`m x` DESC"], ["params.p DESC", "start_time ASC"], ["tags.team"]])
def test_pages_hold_every_run_once_in_one_order(client, experiment, runs, size, order):
    whole = [run.info.run_name for run in client.search_runs([experiment], order_by=order)]
    assert sorted(whole) == [f"run {i:02}" for i in range(23)]
    assert every_page(client, experiment, order_by=order, max_results=size) == whole


def test_orders_put_lacking_keys_last(client, experiment, runs):
    up = [int(run.info.run_name[4:]) for run in client.search_runs([experiment], order_by=["metrics.`m x` ASC"])]
    down = [int(run.info.run_name[4:]) for run in client.search_runs([experiment], order_by=["metrics.`m x` DESC"])]
    lacking = [i for i in range(22, -1, -1) if i % 7 == 6]
    nan = [i for i in range(22, -1, -1) if i % 5 == 4 and i % 7 != 6]
    values = [i for i in range(23) if i % 5 != 4 and i % 7 != 6]
    assert up == values + nan + lacking
    assert down == values[::-1] + nan + lacking
    assert [run.info.run_name for run in client.search_runs([experiment])] == [f"run {i:02}" for i in range(22, -1, -1)]


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("metrics.`m x` > 1.9", {21, 22}),
        ('metrics."m x" <= 0.1', {0, 1}),
        ("params.p = '1' AND metrics.`m x` < 0.8", {1, 7}),
        ("params.p != '0' and tag.team = 'Red' and start_time < 7000", {1, 5}),
        ("tags.team ILIKE 'R%' AND start_time <= 4000", {1, 3}),
        ("tags.team LIKE 'r%'", set()),
        ("attributes.run_name = 'run 05'", {5}),
        ("run_name LIKE 'run 2%'", {20, 21, 22}),
        ("start_time >= 22000", {21, 22}),
        ("status = 'RUNNING' AND start_time = 1000", {0}),
        ("tags.absent IS NULL AND start_time = 2000", {1}),
        ("params.p IS NOT NULL AND start_time = 3000", {2}),
    ],
)
def test_filters(client, experiment, runs, filter_string, expected):
    assert {int(run.info.run_name[4:]) for run in client.search_runs([experiment], filter_string)} == expected


def test_runs_are_found_by_a_list_of_ids(client, experiment, runs):
    found = client.search_runs([experiment], f"attributes.run_id IN ('{runs[3]}', '{runs[8]}')")
    assert {run.info.run_id for run in found} == {runs[3], runs[8]}


@pytest.mark.parametrize("broken", ["metrics.a >", "metrics.a = 'x'", "params.p = 1", "nothing.x = 1", "a OR b", "params.p = 'x", "status IN ('A')"])
def test_a_broken_filter_is_the_callers_fault(client, experiment, broken):
    with pytest.raises(MlflowException) as refused:
        client.search_runs([experiment], broken)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_view_types(client, experiment, runs):
    client.delete_run(runs[4])
    assert len(client.search_runs([experiment], run_view_type=ViewType.ACTIVE_ONLY)) == 22
    assert [run.info.run_id for run in client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)] == [runs[4]]
    assert len(client.search_runs([experiment], run_view_type=ViewType.ALL)) == 23


def test_a_data_frame_of_runs(experiment, runs):
    frame = mlflow.search_runs([experiment], order_by=["start_time ASC"])
    assert isinstance(frame, pandas.DataFrame) and len(frame) == 23
    assert list(frame["tags.mlflow.runName"]) == [f"run {i:02}" for i in range(23)]
    assert list(frame["params.p"]) == [str(i % 3) for i in range(23)]
    assert frame["metrics.m x"].isna().sum() == len([i for i in range(23) if i % 7 == 6 or i % 5 == 4])
    assert frame["start_time"].dt.tz is not None
    by_name = mlflow.search_runs(experiment_names=[mlflow.get_experiment(experiment).name], max_results=5)
    assert len(by_name) == 5


def test_several_experiments_at_once(client, experiment, runs, experiment_name):
    other = client.create_experiment(f"{experiment_name} other")
    client.create_run(other, start_time=1500, run_name="elsewhere")
    found = client.search_runs([experiment, other], order_by=["start_time ASC"], max_results=3)
    assert [run.info.run_name for run in found] == ["run 00", "elsewhere", "run 01"]
