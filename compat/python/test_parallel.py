"""Many writers at once: threads, processes, asynchronous logging."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

threads, per_thread = 16, 25


def test_threads_on_one_run_lose_nothing(client, run_id):
    def work(thread: int) -> None:
        for step in range(per_thread):
            client.log_metric(run_id, "shared", thread + step / 100, timestamp=1000 + thread, step=step)
            client.log_metric(run_id, f"own {thread}", step, step=step)
        client.log_param(run_id, f"p{thread}", thread)
        client.set_tag(run_id, "last", str(thread))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    run = client.get_run(run_id)
    assert run.data.params == {f"p{i}": str(i) for i in range(threads)}
    assert len(client.get_metric_history(run_id, "shared")) == threads * per_thread
    # The greatest step, then the latest time, whoever came last.
    assert run.data.metrics["shared"] == threads - 1 + (per_thread - 1) / 100
    assert all(run.data.metrics[f"own {i}"] == per_thread - 1 for i in range(threads))


def test_threads_with_overlapping_batches_do_not_deadlock(tenant, client, run_id):
    # Under these the genuine server answers with its database's UniqueViolation.
    keys = [f"k{i}" for i in range(40)]

    def work(thread: int) -> None:
        mine = keys if thread % 2 else keys[::-1]
        client.log_batch(
            run_id,
            [Metric(key, thread, 1, thread) for key in mine],
            [Param(key, "same") for key in mine],
            [RunTag(key, str(thread)) for key in mine],
        )

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    run = client.get_run(run_id)
    assert run.data.metrics == {key: threads - 1.0 for key in keys}
    assert run.data.params == {key: "same" for key in keys}


def test_threads_that_set_one_param_agree_on_one_value(client, run_id):
    def work(thread: int) -> bool:
        try:
            client.log_param(run_id, "contested", thread)
            return True
        except mlflow.exceptions.MlflowException as refused:
            assert refused.error_code == "INVALID_PARAMETER_VALUE"
            return False

    with ThreadPoolExecutor(threads) as pool:
        won = list(pool.map(work, range(threads)))
    assert won.count(True) == 1
    assert client.get_run(run_id).data.params == {"contested": str(won.index(True))}


def test_threads_that_create_one_experiment_agree_on_one(client, experiment_name):
    def work(_: int) -> str:
        return mlflow.set_experiment(experiment_name).experiment_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(work, range(8)))) == 1


def _process_writes(task: tuple[str, int]) -> int:
    run_id, process = task
    client = MlflowClient()
    for step in range(50):
        client.log_metric(run_id, "shared", step, timestamp=process, step=step)
    with mlflow.start_run(run_id=run_id, nested=True):
        mlflow.log_param(f"pid{process}", os.getpid())
    return process


def test_processes_on_one_run_lose_nothing(client, run_id):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert sorted(pool.map(_process_writes, [(run_id, i) for i in range(3)])) == [0, 1, 2]
    assert len(client.get_metric_history(run_id, "shared")) == 150
    assert set(client.get_run(run_id).data.params) == {"pid0", "pid1", "pid2"}


def test_asynchronous_calls_are_there_after_waiting(experiment, client):
    with mlflow.start_run() as run:
        waiting = [mlflow.log_metric("m", step, step=step, synchronous=False) for step in range(300)]
        waiting.append(mlflow.log_params({"a": 1, "b": 2}, synchronous=False))
        waiting.append(mlflow.set_tags({"t": "1"}, synchronous=False))
        for one in waiting:
            one.wait()
    assert [m.value for m in client.get_metric_history(run.info.run_id, "m")] == list(range(300))
    seen = client.get_run(run.info.run_id)
    assert seen.data.params == {"a": "1", "b": "2"} and seen.data.tags["t"] == "1"


def test_asynchronous_logging_by_configuration(experiment, client):
    mlflow.config.enable_async_logging(True)
    try:
        with mlflow.start_run() as run:
            for step in range(200):
                mlflow.log_metrics({"a": step, "b": -step}, step=step)
            mlflow.log_param("p", 1)
            mlflow.flush_async_logging()
    finally:
        mlflow.config.enable_async_logging(False)
    assert len(client.get_metric_history(run.info.run_id, "b")) == 200
    assert client.get_run(run.info.run_id).data.metrics == {"a": 199.0, "b": -199.0}
