"""Exact search beside raw faiss on the same templates in the same run, and how fast an index is ready.

    python benchmarks/search.py [--sizes 10000 100000 1000000]

Raw faiss scans the same 8-bit codes (`IndexScalarQuantizer`, QT_8bit) and, as what answers exactly without
us, float32 vectors (`IndexFlatIP`). Recall is against brute force in float64. Prints the tables of
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
from rich.console import Console
from rich.table import Table

from countenance.gallery import Gallery
from countenance.gallery.index import ExactIndex
from galleries import fill, open_store, other_pictures, people
from vision import cpu

if TYPE_CHECKING:
    from collections.abc import Callable

    from galleries import Vectors

MOST = 80
QUERIES = 200
BATCH = 32
ADDED_AT_ONCE = 250_000  # as gallery.indexes does when it builds an index of a store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    console = Console(width=130)
    versions = f"Python {platform.python_version()}, faiss {version('faiss-cpu')}"
    console.print(f"{cpu()}, {os.cpu_count()} processors, {versions}")
    for threads in (1, os.cpu_count() or 1):
        # A process of its own, since threads keep the processors that they began with.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
            console.print(process.submit(speed_table, options.sizes, threads).result())
    console.print(readiness_table(options.sizes))


def speed_table(sizes: list[int], threads: int) -> Table:
    table = Table(
        "faces",
        "queries",
        "ours ms",
        "faiss 8-bit ms",
        "ours / faiss",
        "faiss float32 ms",
        "recall",
        "added/s",
        "bytes a face",
        title=f"the {MOST} best, 128 dimensions, {threads} threads, medians of {QUERIES} searches",
    )
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:threads]))
    faiss.omp_set_num_threads(threads)
    for size in sizes:
        vectors = people(size)
        probes = other_pictures(vectors[np.random.default_rng(2).choice(size, QUERIES)])
        ours, added_per_second = built(vectors)
        codes = faiss.IndexScalarQuantizer(128, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        codes.train(vectors)
        codes.add(vectors)
        flat = faiss.IndexFlatIP(128)
        flat.add(vectors)
        searches = [most(ours), most(codes), most(flat)]
        found = recall(ours, vectors, probes)
        for batch in (1, BATCH):
            own, scan, exact = in_turns(searches, probes, batch)
            table.add_row(
                f"{size:,}",
                str(batch),
                f"{own:.2f}",
                f"{scan:.2f}",
                f"{own / scan:.2f}",
                f"{exact:.2f}",
                f"{found:.4f}",
                f"{added_per_second:,.0f}",
                f"{ours.memory_bytes() / size:.0f}",
            )
    return table


def built(vectors: Vectors) -> tuple[ExactIndex, float]:
    """Return an index, filled in blocks as a store hands them out, and vectors per second."""
    index, started = ExactIndex(), time.perf_counter()
    for start in range(0, len(vectors), ADDED_AT_ONCE):
        block = vectors[start : start + ADDED_AT_ONCE]
        index.add(np.arange(start, start + len(block)), block)
    return index, len(vectors) / (time.perf_counter() - started)


def most(index: Any) -> Callable[[Vectors], object]:
    """Return the search for an index's best."""
    return lambda probe: index.search(probe, MOST)


def in_turns(searches: list[Callable[[Vectors], object]], probes: Vectors, batch: int) -> list[float]:
    """Return each search's median time in milliseconds."""
    times: list[list[float]] = [[] for _ in searches]
    for start in range(0, len(probes) - batch + 1, batch):
        for search, each in zip(searches, times, strict=True):
            started = time.perf_counter()
            search(probes[start : start + batch])
            each.append(1e3 * (time.perf_counter() - started))
    return [float(np.median(each)) for each in times]


def recall(index: ExactIndex, vectors: Vectors, probes: Vectors) -> float:
    """Return the share of the best faces, as float64 brute force finds them, that the index finds."""
    hits = index.search(probes, MOST)
    found = 0
    for start in range(0, len(probes), 20):
        scores = probes[start : start + 20].astype(np.float64) @ vectors.T.astype(np.float64)
        for hit, row in zip(hits[start : start + 20], scores, strict=True):
            best = np.argpartition(-row, MOST)[:MOST]
            found += len(set(best.tolist()) & set(hit.keys.tolist()))
    return found / (MOST * len(probes))


def readiness_table(sizes: list[int]) -> Table:
    table = Table(
        "faces",
        "enrolled/s",
        "bytes a face on disk",
        "open to first answer s",
        "each further ms",
        title="SQLite, a data key for each face",
    )
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder, vectors = Path(name), people(size)
            store = open_store(folder)
            started = time.perf_counter()
            fill(store, "benchmark", "none", vectors)
            enrolled_per_second = size / (time.perf_counter() - started)
            store.close()
            disk = sum(path.stat().st_size for path in folder.iterdir()) / size
            started = time.perf_counter()
            store = open_store(folder)
            gallery = Gallery(store, 10**11)
            with gallery.reading() as reader:
                collection = reader.collection("benchmark")
            gallery.search_faces(collection, vectors[0], most=MOST, at_least=-1.0)
            ready = time.perf_counter() - started
            times = []
            for vector in vectors[:50]:
                started = time.perf_counter()
                gallery.search_faces(collection, vector, most=MOST, at_least=-1.0)
                times.append(1e3 * (time.perf_counter() - started))
            store.close()
            table.add_row(
                f"{size:,}",
                f"{enrolled_per_second:,.0f}",
                f"{disk:,.0f}",
                f"{ready:.2f}",
                f"{np.median(times):.2f}",
            )
    return table


if __name__ == "__main__":
    main()
