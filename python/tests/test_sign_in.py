"""The genuine client, signed in by `maestro login`, without a token in its environment."""

import os
import stat
import uuid

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from maestro import connect, projects
from maestro_mlflow.auth import MaestroAuth, MaestroAuthProvider
from maestro_mlflow.credentials import access_token_for

URI = os.environ["MLFLOW_TRACKING_URI"].rstrip("/")


def test_a_run_is_logged_with_nothing_in_the_environment_but_the_address(tmp_path):
    assert "MLFLOW_TRACKING_TOKEN" not in os.environ
    # Set by the package itself: nobody had to.
    assert os.environ["MLFLOW_TRACKING_AUTH"] == "maestro"
    mlflow.set_experiment(f"signed in {uuid.uuid4().hex[:8]}")
    with mlflow.start_run() as run:
        mlflow.log_metric("loss", 0.3)
        mlflow.log_param("depth", 4)
        mlflow.log_text("content", "file.txt")
    found = MlflowClient().get_run(run.info.run_id)
    assert (found.data.metrics, found.data.params) == ({"loss": 0.3}, {"depth": "4"})
    path = mlflow.artifacts.download_artifacts(f"{run.info.artifact_uri}/file.txt", dst_path=tmp_path)
    with open(path) as file:
        assert file.read() == "content"


def test_maestro_in_python_uses_the_sign_in_of_the_server_that_was_signed_in_to_last(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert connect().url == URI
    assert projects.list(1) == []


def test_it_is_found_by_its_name():
    assert MaestroAuthProvider().get_name() == "maestro"
    assert isinstance(MaestroAuthProvider().get_auth(), MaestroAuth)


def test_a_token_of_the_environment_outweighs_it(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "mst_of_nobody")
    with pytest.raises(MlflowException) as refused:
        MlflowClient().search_experiments()
    assert refused.value.error_code == "UNAUTHENTICATED"


def test_a_token_that_ends_soon_is_exchanged_and_kept(sign_in_file):
    sign_in_file.only(URI, seconds=30)
    [before] = sign_in_file.read()["servers"].values()
    MlflowClient().search_experiments()
    [after] = sign_in_file.read()["servers"].values()
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert after["email"] == before["email"]
    assert stat.S_IMODE(sign_in_file.path.stat().st_mode) == 0o600


def test_a_token_goes_to_no_other_server(own_file, listen):
    other = listen()
    requests.get(other.url, auth=MaestroAuth(), timeout=10)
    assert other.seen == [None]


def test_a_token_follows_no_redirect(own_file, listen):
    other = listen()
    redirecting = listen(to=f"{other.url}/elsewhere")
    own_file.only(redirecting.url)
    requests.get(redirecting.url, auth=MaestroAuth(), timeout=10)
    assert redirecting.seen[0].startswith("Bearer ")
    assert other.seen == [None]


def test_a_refresh_token_follows_no_redirect(own_file, listen):
    other = listen()
    redirecting = listen(to=f"{other.url}/api/v1/auth/refresh")
    own_file.only(redirecting.url, seconds=1)
    with pytest.raises(ConnectionError):
        access_token_for(f"{redirecting.url}/api/2.0/mlflow/runs/create")
    assert other.seen == []


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("https://maestro.example.com/team", True),
        ("https://maestro.example.com/team/api/2.0/mlflow/runs/get?run_id=1", True),
        ("https://MAESTRO.example.com:443/team/", True),
        ("http://maestro.example.com/team/", False),
        ("https://maestro.example.com:8443/team/", False),
        ("https://maestro.example.com/teams/", False),
        ("https://maestro.example.com/", False),
        ("https://maestro.example.com.evil.org/team/", False),
        ("https://maestro.example.com@evil.org/team/", False),
        ("https://evil.org/https://maestro.example.com/team/", False),
    ],
)
def test_a_server_is_its_scheme_host_port_and_path(own_file, url, is_own):
    own_file.only("https://maestro.example.com/team")
    assert (access_token_for(url) is not None) == is_own


def test_a_file_that_others_may_read_is_refused(own_file):
    own_file.path.chmod(0o644)
    with pytest.raises(MlflowException, match="may be read by others: chmod 600"):
        MlflowClient().search_experiments()


def test_a_file_that_is_none_is_refused(own_file):
    own_file.path.write_text('{"version": 2}')
    own_file.path.chmod(0o600)
    with pytest.raises(MlflowException, match="is no credentials file of Maestro"):
        MlflowClient().search_experiments()


def test_a_session_that_has_ended_is_said_to_have(own_file):
    own_file.only(URI, seconds=1)
    content = own_file.read()
    content["servers"][URI]["refresh_token"] = "of no session"
    own_file.write(content)
    with pytest.raises(MlflowException, match="has ended: run maestro login"):
        MlflowClient().search_experiments()
