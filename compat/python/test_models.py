"""Models of MLflow 3: logged models, and scikit-learn's own."""

import mlflow
import numpy
import pytest
from mlflow.entities import LoggedModelInput, LoggedModelOutput, LoggedModelStatus, Metric
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

data = load_iris()


@pytest.fixture(scope="module")
def model():
    return LogisticRegression(max_iter=200).fit(data.data, data.target)


def test_a_scikit_learn_model_is_logged_and_loaded_back(experiment, client, model):
    with mlflow.start_run() as run:
        logged = mlflow.sklearn.log_model(model, name="iris", input_example=data.data[:2], params={"c": 1}, tags={"k": "v"})
        mlflow.log_metric("acc", 0.97, model_id=logged.model_id)
    assert logged.model_id.startswith("m-")
    for uri in (f"models:/{logged.model_id}", f"runs:/{run.info.run_id}/iris", logged.model_uri):
        back = mlflow.sklearn.load_model(uri)
        assert numpy.array_equal(back.predict(data.data), model.predict(data.data)), uri
    assert numpy.array_equal(mlflow.pyfunc.load_model(f"models:/{logged.model_id}").predict(data.data), model.predict(data.data))
    seen = client.get_logged_model(logged.model_id)
    assert seen.status == LoggedModelStatus.READY
    assert (seen.name, seen.experiment_id, seen.source_run_id) == ("iris", experiment, run.info.run_id)
    assert seen.params["c"] == "1" and seen.tags["k"] == "v"
    assert [(metric.key, metric.value) for metric in seen.metrics] == [("acc", 0.97)]
    assert [output.model_id for output in client.get_run(run.info.run_id).outputs.model_outputs] == [logged.model_id]
    assert mlflow.models.get_model_info(f"models:/{logged.model_id}").signature is not None


def test_autologging_of_scikit_learn(experiment, client):
    mlflow.sklearn.autolog(log_input_examples=True)
    with mlflow.start_run() as run:
        LogisticRegression(max_iter=150, C=0.5).fit(data.data, data.target).score(data.data, data.target)
    seen = client.get_run(run.info.run_id)
    assert seen.data.params["C"] == "0.5" and seen.data.params["max_iter"] == "150"
    assert 0.9 < seen.data.metrics["training_accuracy_score"] <= 1
    assert seen.data.tags["estimator_name"] == "LogisticRegression"
    assert len(seen.outputs.model_outputs) == 1
    assert seen.inputs.dataset_inputs
    assert {f.path for f in client.list_artifacts(run.info.run_id)} >= {"training_confusion_matrix.png", "estimator.html"}
    [found] = mlflow.search_logged_models([experiment], output_format="list")
    assert mlflow.sklearn.load_model(f"models:/{found.model_id}").predict(data.data[:1])[0] == 0


def test_autologging_of_a_parameter_search_makes_child_runs(experiment, client):
    from sklearn.model_selection import GridSearchCV

    mlflow.sklearn.autolog(log_models=False, log_datasets=False)
    with mlflow.start_run() as run:
        GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(data.data, data.target)
    children = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    assert len(children) == 3
    assert "best_cv_score" in client.get_run(run.info.run_id).data.metrics


def test_a_logged_model_from_birth_to_deletion(client, experiment, run_id):
    made = client.create_logged_model(experiment, name="plain", source_run_id=run_id, tags={"a": "1", "b": "2"}, params={"p": "1"}, model_type="agent")
    assert made.status == LoggedModelStatus.PENDING
    client.set_logged_model_tags(made.model_id, {"a": "changed", "c": "3"})
    client.delete_logged_model_tag(made.model_id, "b")
    client.log_model_params(made.model_id, {"q": "2"})
    done = client.finalize_logged_model(made.model_id, "READY")
    assert done.status == LoggedModelStatus.READY
    seen = client.get_logged_model(made.model_id)
    assert seen.tags == {"a": "changed", "c": "3"} and seen.params == {"p": "1", "q": "2"}
    assert seen.model_type == "agent" and seen.last_updated_timestamp >= seen.creation_timestamp
    client.delete_logged_model(made.model_id)
    with pytest.raises(MlflowException) as absent:
        client.get_logged_model(made.model_id)
    assert absent.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_logged_models_are_searched_by_metrics_of_a_dataset(client, experiment, run_id):
    dataset = mlflow.data.from_numpy(data.data, name="iris")
    models = []
    with mlflow.start_run(run_id=run_id):
        mlflow.log_input(dataset, "eval")
        for i in range(5):
            models.append(mlflow.initialize_logged_model(name=f"model {i}", params={"i": str(i)}))
            mlflow.log_metrics({"acc": i / 10}, dataset=dataset, model_id=models[-1].model_id, step=0)
            mlflow.log_metric("acc", 1 - i / 10, model_id=models[-1].model_id, step=1)
    names = lambda found: [one.name for one in found]
    by_metric = client.search_logged_models([experiment], filter_string="metrics.acc >= 0.2", datasets=[{"dataset_name": "iris", "dataset_digest": dataset.digest}],
                                            order_by=[{"field_name": "metrics.acc", "ascending": False, "dataset_name": "iris", "dataset_digest": dataset.digest}])
    assert names(by_metric) == ["model 4", "model 3", "model 2"]
    assert names(client.search_logged_models([experiment], filter_string="params.i = '3'")) == ["model 3"]
    first = client.search_logged_models([experiment], max_results=2, order_by=[{"field_name": "name", "ascending": True}])
    second = client.search_logged_models([experiment], max_results=2, order_by=[{"field_name": "name", "ascending": True}], page_token=first.token)
    assert names(first) + names(second) == ["model 0", "model 1", "model 2", "model 3"]


def test_models_are_inputs_and_outputs_of_runs(client, experiment, run_id):
    made = client.create_logged_model(experiment, name="linked", source_run_id=run_id)
    client.log_outputs(run_id, [LoggedModelOutput(made.model_id, step=3)])
    other = client.create_run(experiment).info.run_id
    client.log_inputs(other, models=[LoggedModelInput(made.model_id)])
    [output] = client.get_run(run_id).outputs.model_outputs
    assert (output.model_id, output.step) == (made.model_id, 3)
    assert [one.model_id for one in client.get_run(other).inputs.model_inputs] == [made.model_id]


def test_metrics_of_a_model_do_not_mix_with_those_of_another(client, experiment, run_id):
    made = [client.create_logged_model(experiment, name=f"m{i}", source_run_id=run_id) for i in range(2)]
    client.log_batch(run_id, [Metric("acc", i, 1, 0, model_id=one.model_id) for i, one in enumerate(made)])
    assert [[m.value for m in client.get_logged_model(one.model_id).metrics] for one in made] == [[0.0], [1.0]]
