"""Run files: figures, tables, folders, listing, downloading, large files."""

import hashlib
import json
import os

import mlflow
import numpy
import pandas
import pytest
from mlflow.exceptions import MlflowException
from requests.exceptions import HTTPError


def test_what_the_fluent_interface_writes_can_be_read_back(experiment, client, tmp_path):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 3, 2])
    pixels = numpy.zeros((8, 8, 3), dtype=numpy.uint8)
    pixels[:, :, 0] = 200
    with mlflow.start_run() as run:
        mlflow.log_figure(figure, "plots/curve.png")
        mlflow.log_dict({"größe": [1, 2.5, None]}, "config/settings.json")
        mlflow.log_dict({"a": {"b": 1}}, "config/settings.yaml")
        mlflow.log_text("hello 雪 🎿\n", "notes/größe 雪.txt")
        mlflow.log_image(pixels, "pictures/red.png")
        mlflow.log_image(pixels, key="step image", step=3)
        mlflow.log_table({"question": ["a", "b"], "answer": [1, 2]}, "tables/qa.json")
        mlflow.log_table({"question": ["c"], "answer": [3]}, "tables/qa.json")
    plt.close(figure)
    run_id = run.info.run_id
    assert {f.path for f in client.list_artifacts(run_id)} >= {"plots", "config", "notes", "pictures", "tables", "images"}
    assert [(f.path, f.is_dir) for f in client.list_artifacts(run_id, "notes")] == [("notes/größe 雪.txt", False)]
    base = run.info.artifact_uri
    assert mlflow.artifacts.load_dict(f"{base}/config/settings.json") == {"größe": [1, 2.5, None]}
    assert mlflow.artifacts.load_text(f"{base}/notes/größe 雪.txt") == "hello 雪 🎿\n"
    assert mlflow.artifacts.load_image(f"{base}/pictures/red.png").size == (8, 8)
    table = mlflow.load_table("tables/qa.json", run_ids=[run_id])
    assert list(table["question"]) == ["a", "b", "c"]
    picture = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="plots/curve.png", dst_path=tmp_path)
    assert open(picture, "rb").read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_folder_comes_back_as_it_was(experiment, client, run_id, tmp_path):
    files = {"a.txt": b"one", "deep/b.bin": bytes(range(256)), "deep/er/empty": b"", "name with + % &.txt": b"odd"}
    for name, content in files.items():
        path = tmp_path / "up" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    client.log_artifacts(run_id, tmp_path / "up", "data")
    back = client.download_artifacts(run_id, "data", tmp_path)
    seen = {}
    for folder, _, names in os.walk(back):
        for name in names:
            path = os.path.join(folder, name)
            seen[os.path.relpath(path, back)] = open(path, "rb").read()
    assert seen == files
    sizes = {f.path: f.file_size for f in client.list_artifacts(run_id, "data/deep")}
    assert sizes["data/deep/b.bin"] == 256


def test_a_file_is_overwritten_whole(client, run_id, tmp_path):
    path = tmp_path / "x.txt"
    for content in ("a" * 5000, "short"):
        path.write_text(content)
        client.log_artifact(run_id, path)
    assert open(client.download_artifacts(run_id, "x.txt", tmp_path / ".")).read() == "short"


def test_an_absent_file_is_an_error(client, run_id, tmp_path):
    assert client.list_artifacts(run_id, "absent") == []
    with pytest.raises((MlflowException, OSError)):
        client.download_artifacts(run_id, "absent.txt", tmp_path)


def test_paths_that_climb_are_refused(client, run_id):
    for path in ("../../x", "/etc/passwd", "%2e%2e/x", "a/../../x"):
        with pytest.raises((MlflowException, HTTPError), match="INVALID_PARAMETER_VALUE|Invalid path"):
            client.list_artifacts(run_id, path)


def test_files_are_deleted_with_the_repository(experiment, run_id, client, tmp_path):
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    client.log_text(run_id, "x", "keep.txt")
    client.log_text(run_id, "x", "folder/a.txt")
    repository = get_artifact_repository(client.get_run(run_id).info.artifact_uri)
    repository.delete_artifacts("folder")
    assert [f.path for f in client.list_artifacts(run_id)] == ["keep.txt"]


def _digest(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _big_file(path, size: int) -> str:
    block = hashlib.sha256(b"block").digest() * 32768
    with open(path, "wb") as file:
        while file.tell() < size:
            file.write(block[: size - file.tell()])
            block = block[1:] + block[:1]
    return _digest(path)


def test_a_big_file_comes_back_byte_for_byte(client, run_id, tmp_path):
    digest = _big_file(tmp_path / "big.bin", 40 * 1024 * 1024 + 17)
    client.log_artifact(run_id, tmp_path / "big.bin", "models")
    back = client.download_artifacts(run_id, "models/big.bin", tmp_path / ".")
    assert _digest(back) == digest


def test_a_big_file_goes_up_in_parts_where_the_server_offers_it(client, run_id, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(8 * 1024 * 1024))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(5 * 1024 * 1024))
    digest = _big_file(tmp_path / "parts.bin", 23 * 1024 * 1024 + 5)
    client.log_artifact(run_id, str(tmp_path / "parts.bin"))
    [listed] = client.list_artifacts(run_id)
    assert (listed.path, listed.file_size) == ("parts.bin", 23 * 1024 * 1024 + 5)
    assert _digest(client.download_artifacts(run_id, "parts.bin", tmp_path / ".")) == digest
