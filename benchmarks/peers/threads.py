"""Limits the thread pools of the native libraries that a peer loads."""

from __future__ import annotations

import os

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit_pools(threads: int) -> None:
    """Name the number of threads to OpenMP, OpenBLAS and MKL, which read it once, when they are loaded.

    Call it before numpy, dlib or torch is imported: that is why the peers import them inside functions.
    """
    for name in POOLS:
        os.environ[name] = str(threads)
