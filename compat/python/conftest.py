"""The genuine mlflow client against a running server.

    MLFLOW_TRACKING_URI=http://localhost:8080 MLFLOW_TRACKING_TOKEN=mst_... .venv/bin/pytest compat/python

The same tests pass against a genuine `mlflow server`; what only Maestro has (tenants, sign-in) needs these as well and
is skipped without them: MAESTRO_TENANT and MAESTRO_OTHER_TENANT (slugs), MAESTRO_OTHER_TOKEN (an API key of the other
tenant).
"""

import logging
import os
import uuid

# Before mlflow is imported: it reads some of these once.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
# A failed call is a failed test, soon: the default is seven retries over minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MPLBACKEND", "Agg")

import mlflow
import pytest
from mlflow import MlflowClient

logging.getLogger("mlflow").setLevel(logging.ERROR)


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.skip(f"{name} is not set: no Maestro with two tenants")
    return value


@pytest.fixture(autouse=True)
def _clean_client():
    """No run, experiment, workspace or autologging of one test reaches the next."""
    yield
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.autolog(disable=True)
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)


@pytest.fixture
def client() -> MlflowClient:
    return MlflowClient()


@pytest.fixture
def experiment_name() -> str:
    return f"compat {uuid.uuid4().hex[:12]}"


@pytest.fixture
def experiment(experiment_name: str) -> str:
    """The id of a fresh experiment, set as the fluent interface's own."""
    return mlflow.set_experiment(experiment_name).experiment_id


@pytest.fixture
def run_id(client: MlflowClient, experiment: str) -> str:
    return client.create_run(experiment).info.run_id


@pytest.fixture
def tenant() -> str:
    return _required("MAESTRO_TENANT")


@pytest.fixture
def other_tenant() -> str:
    return _required("MAESTRO_OTHER_TENANT")


@pytest.fixture
def other_token() -> str:
    return _required("MAESTRO_OTHER_TOKEN")
