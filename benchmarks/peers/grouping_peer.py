"""Groups the templates of a file as a peer does, once for each setting; run by an interpreter that has it.

    PYTHON benchmarks/peers/grouping_peer.py NAME TEMPLATES.npy LABELS.npy SETTINGS

PYTHON is .benchmarks/grouping-peers/bin/python; NAME dbscan, hdbscan or chinese-whispers; SETTINGS is JSON.
Prints the versions, then for each setting a JSON object with the seconds from templates to labels and the
most memory so far, or with what went wrong; and writes a row of labels for each, −1 for a face that is alone.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np


def dbscan(vectors: np.ndarray, setting: list[Any]) -> np.ndarray:
    from sklearn.cluster import DBSCAN  # noqa: PLC0415 - the interpreter of one peer need not have all

    samples, eps = setting
    return DBSCAN(eps=eps, min_samples=samples, n_jobs=-1).fit(vectors).labels_


def hdbscan(vectors: np.ndarray, setting: list[Any]) -> np.ndarray:
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415

    samples, method, epsilon = setting
    return (
        HDBSCAN(
            min_cluster_size=2,
            min_samples=samples,
            cluster_selection_method=method,
            cluster_selection_epsilon=epsilon,
            n_jobs=-1,
            copy=True,
        )
        .fit(vectors.astype(np.float64))
        .labels_
    )


def chinese_whispers(vectors: np.ndarray, threshold: float) -> np.ndarray:
    import dlib  # noqa: PLC0415

    descriptors = [dlib.vector(vector) for vector in vectors.astype(np.float64)]
    return np.array(dlib.chinese_whispers_clustering(descriptors, threshold))


PEERS = {"dbscan": dbscan, "hdbscan": hdbscan, "chinese-whispers": chinese_whispers}


def versions() -> str:
    """Return the versions of what is installed of the libraries that group."""
    found = []
    for name in ("scikit-learn", "dlib", "dlib-bin", "numpy"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def peak_mib() -> float:
    """Return the most memory this process held."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmHWM:")).split()[1]) / 1024


def main(name: str, templates: Path, labels: Path, settings: list[Any]) -> None:
    vectors = np.load(templates)
    found = np.full((len(settings), len(vectors)), -1, np.int64)
    print(versions(), flush=True)
    for row, setting in enumerate(settings):
        began = time.perf_counter()
        try:
            found[row] = PEERS[name](vectors, setting)
        except (ImportError, TypeError, ValueError) as error:
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
            continue
        print(json.dumps({"seconds": time.perf_counter() - began, "peak_mib": peak_mib()}), flush=True)
    np.save(labels, found)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[4]))
