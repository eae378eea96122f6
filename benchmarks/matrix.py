"""How fast all comparisons of many templates are made and counted, and with how much memory.

    python benchmarks/matrix.py [TEMPLATES]

Peers, on the same templates in the same run: numpy's product of matrices alone, which keeps every score (the
floor of anybody who compares in matrix form), and numpy's product with `numpy.histogram`. Each runs in a
process of its own, so that the peak of its memory is its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time

import numpy as np

from countenance.evaluation.matrix import all_comparisons

DIMENSION = 128
PICTURES_OF_A_PERSON = 3
ROUNDS = 3


def templates(count: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    subjects = (np.arange(count) // PICTURES_OF_A_PERSON).astype(np.int32)
    people = draw.normal(size=(subjects[-1] + 1, DIMENSION))
    vectors = people[subjects] + 0.9 * draw.normal(size=(count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), subjects


def ours(vectors: np.ndarray, subjects: np.ndarray) -> None:
    all_comparisons(vectors, subjects, (subjects % 2).astype(np.int32), ("even", "odd"))


def product_alone(vectors: np.ndarray, _subjects: np.ndarray) -> None:
    vectors @ vectors.T


def product_and_histogram(vectors: np.ndarray, _subjects: np.ndarray) -> None:
    counts = np.zeros(8192, np.int64)
    for start in range(0, len(vectors), 512):
        rows = vectors[start : start + 512] @ vectors[start:].T
        counts += np.histogram(rows, 8192, (-1, 1))[0]


def measured(name: str, count: int, answers: multiprocessing.Queue) -> None:
    vectors, subjects = templates(count)
    work = globals()[name]
    work(vectors[:2000], subjects[:2000])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work(vectors, subjects)
        times.append(time.perf_counter() - start)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers.put((min(times), (after - before) / 1024))


def main(count: int) -> None:
    comparisons = count * (count - 1) / 2
    print(
        f"{count:,} templates of {DIMENSION}, {comparisons / 1e6:.1f} million comparisons, best of {ROUNDS}"
    )
    context = multiprocessing.get_context("spawn")
    for name, title in (
        ("ours", "all comparisons by group: histogram, highest 3 %, mated ones apart"),
        ("product_and_histogram", "numpy: product in blocks, numpy.histogram"),
        ("product_alone", "numpy: one product (every comparison twice, all kept)"),
    ):
        answers = context.Queue()
        process = context.Process(target=measured, args=(name, count, answers))
        process.start()
        seconds, megabytes = answers.get()
        process.join()
        print(
            f"{title}: {seconds:.2f} s, {comparisons / seconds / 1e6:.0f} million a second, "
            f"{megabytes:.0f} MiB more memory"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
