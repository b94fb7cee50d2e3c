"""The models of scikit-learn that npm run bench:insight sets beside Maestro, on the folds that it gives.

Reads JSON on standard input: {"tasks": [{"kinds", "rows", "outcomes", "scale", "repeats": [[[row, …], …], …]}]}; writes
{"tasks": [{model: [[[value, low, high] for each row] for each repeat]}]}. Amounts are learned by their logarithms, and
predictions clipped to [min / 5, 5 · max] of those learned from; LP4EE learns them as they are. Intervals are CV+
(Barber et al. 2021) on |log residual| with ten inner folds, nominal 80 %; models without one have low = high = null.
"""

import json
import os
import sys
import warnings

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np
from scipy.optimize import linprog
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

warnings.filterwarnings("ignore")
NOMINAL = 0.8
INNER_FOLDS = 10


def encoder(kinds, rows, logs=True):
    """What makes standardised columns of rows: logarithms of positive skewed numbers, one column for each category."""
    columns = []
    for at, kind in enumerate(kinds):
        values = [row[at] for row in rows]
        if kind == "categorical":
            columns += [(at, "level", level, 0, 1) for level in sorted({str(v) for v in values if v is not None})]
            continue
        known = np.array([number(v, kind) for v in values if v is not None])
        if len(known) == 0:
            continue
        log = logs and kind == "numeric" and known.min() >= 0 and known.max() > 10 * max(np.median(known), 1e-9) / 3
        read = np.log1p(known) if log else known
        columns.append((at, "log" if log else kind, None, np.median(read), read.std() or 1.0))
        if len(known) < len(values):
            columns.append((at, "missing", None, 0, 1))
    return columns


def number(value, kind):
    return np.datetime64(value, "D").astype(int) if kind == "date" else float(value)


def encode(columns, rows, centred=True):
    matrix = np.zeros((len(rows), len(columns)))
    for j, (at, how, level, centre, scale) in enumerate(columns):
        for i, row in enumerate(rows):
            value = row[at]
            if how == "level":
                matrix[i, j] = str(value) == level
            elif how == "missing":
                matrix[i, j] = value is None
            elif value is None:
                matrix[i, j] = 0 if centred else centre
            else:
                read = number(value, "date" if how == "date" else "numeric")
                read = np.log1p(read) if how == "log" else read
                matrix[i, j] = (read - centre) / scale if centred else read
    return matrix


def ridge():
    return RidgeCV(alphas=np.logspace(-2, 3, 16))


def process(kernel=None):
    if kernel is not None:
        return GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True)
    kernel = ConstantKernel(1.0) * RBF(3.0, (0.5, 100)) + WhiteKernel(0.3, (1e-3, 10))
    return GaussianProcessRegressor(kernel, normalize_y=True)


def forest():
    return RandomForestRegressor(200, min_samples_leaf=2, random_state=0)


def neighbours(count):
    return KNeighborsRegressor(min(5, count), weights="distance")


def clip_to(outcomes):
    low, high = np.log(outcomes.min() / 5), np.log(outcomes.max() * 5)
    return lambda logs: np.clip(logs, low, high)


def cv_plus(make, x, y, x_new, value, clip, seed):
    """CV+ intervals by ten inner folds."""
    order = np.random.RandomState(seed).permutation(len(y))
    folds = [order[k::INNER_FOLDS] for k in range(min(INNER_FOLDS, len(y)))]
    lows, highs = [], []
    for fold in folds:
        rest = np.setdiff1d(order, fold)
        model = make().fit(x[rest], y[rest])
        residuals = np.abs(y[fold] - clip(model.predict(x[fold])))
        estimate = clip(model.predict(x_new))
        lows.append(estimate[:, None] - residuals)
        highs.append(estimate[:, None] + residuals)
    lows, highs = np.sort(np.hstack(lows), 1), np.sort(np.hstack(highs), 1)
    n = len(y)
    low = lows[:, max(int(np.floor((1 - NOMINAL) * (n + 1))), 1) - 1]
    high = highs[:, min(int(np.ceil(NOMINAL * (n + 1))), n) - 1]
    return np.exp(np.stack([value, np.minimum(low, value), np.maximum(high, value)], 1))


def lp4ee(x, y, x_new):
    """Linear programming for effort estimation (Sarro and Petrozziello 2018): least absolute errors, no weight below 0."""
    n, d = x.shape
    cost = np.concatenate([np.zeros(d), np.ones(n)])
    bounds = [(0, None)] * (d + n)
    a = np.block([[x, -np.eye(n)], [-x, -np.eye(n)]])
    found = linprog(cost, a, np.concatenate([y, -y]), bounds=bounds, method="highs")
    return np.clip(x_new @ found.x[:d], y.min() / 5, y.max() * 5)


def amounts(task, train, rows, seed):
    kinds, outcomes = task["kinds"], np.array([task["outcomes"][i] for i in train], float)
    known, new = [task["rows"][i] for i in train], [task["rows"][i] for i in rows]
    columns = encoder(kinds, known)
    x, x_new, y, clip = encode(columns, known), encode(columns, new), np.log(outcomes), clip_to(outcomes)
    found = {}
    fitted = process().fit(x, y)
    makers = {
        "ridge": ridge,
        "Gaussian process": lambda: process(fitted.kernel_),
        "kNN": lambda: neighbours(len(y) // 2),
        "forest": forest,
    }
    logs = {}
    for name, make in makers.items():
        logs[name] = clip((fitted if name == "Gaussian process" else make().fit(x, y)).predict(x_new))
        if name in ("ridge", "Gaussian process"):
            found[name] = cv_plus(make, x, y, x_new, logs[name], clip, seed)
        else:
            found[name] = [[float(np.exp(value)), None, None] for value in logs[name]]
    blend = np.mean([logs[name] for name in ("ridge", "Gaussian process", "forest")], axis=0)
    found["blend"] = [[float(np.exp(value)), None, None] for value in blend]
    raw = encoder(kinds, known, logs=False)
    x, x_new = encode(raw, known, centred=False), encode(raw, new, centred=False)
    found["LP4EE"] = [[float(value), None, None] for value in lp4ee(x, outcomes, x_new)]
    return found


def successes(task, train, rows, _seed):
    y = np.array([task["outcomes"][i] for i in train], int)
    known, new = [task["rows"][i] for i in train], [task["rows"][i] for i in rows]
    if y.min() == y.max():
        return {"blend": [[float(y[0]), None, None]] * len(rows)}
    columns = encoder(task["kinds"], known)
    x, x_new = encode(columns, known), encode(columns, new)
    models = {
        "logistic": LogisticRegressionCV(Cs=np.logspace(-3, 1, 9), scoring="neg_log_loss", max_iter=1000),
        "Gaussian process": GaussianProcessClassifier(ConstantKernel(1.0) * RBF(3.0, (0.5, 100))),
        "kNN": KNeighborsClassifier(15),
        "forest": RandomForestClassifier(200, min_samples_leaf=5, random_state=0),
    }
    chances = {name: model.fit(x, y).predict_proba(x_new)[:, 1] for name, model in models.items()}
    chances["blend"] = np.mean([chances[name] for name in ("logistic", "Gaussian process", "forest")], axis=0)
    return {name: [[float(p), None, None] for p in values] for name, values in chances.items()}


def main():
    answer = []
    for task in json.load(sys.stdin)["tasks"]:
        learn, count, models = (successes if task["scale"] == "success" else amounts), len(task["rows"]), {}
        for repeat, folds in enumerate(task["repeats"]):
            for fold in folds:
                train = sorted(set(range(count)) - set(fold))
                for name, estimates in learn(task, train, fold, repeat).items():
                    rows = models.setdefault(name, [[None] * count for _ in task["repeats"]])[repeat]
                    for row, estimate in zip(fold, estimates):
                        rows[row] = [None if value is None else float(value) for value in estimate]
        answer.append(models)
    json.dump({"tasks": answer}, sys.stdout)


if __name__ == "__main__":
    main()
