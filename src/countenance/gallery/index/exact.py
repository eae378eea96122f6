"""`ExactIndex`: search in memory whose answers equal brute force in float64.

New vectors go to a small tail. A full tail is sealed into a segment, and segments of the same size class are
joined, so there are never many. A search works on a snapshot of all parts; whoever changes the index
publishes a new one. A removed vector is overwritten at once, in the vectors and in the codes.
"""

from __future__ import annotations

import functools
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from countenance.gallery.index.port import Hits
from countenance.gallery.index.segment import Recent, Segment, Tail, true_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from countenance.gallery.index.port import Keys, Scores, Vectors
    from countenance.gallery.index.segment import Scan

Seen = TypeVar("Seen")

_TAIL_ROWS = 4_096
_FIRST_TAIL_ROWS = 64
# So many segments of a size class become one of the next.
_JOINED = 4
# Smaller segments are more work for one search, larger ones leave processors idle.
_MOST_ROWS_OF_A_SEGMENT = 262_144
# Candidates taken from all segments together for each hit that is wanted. How many are within a code's error
# depends on how densely the vectors lie, so an index learns it: some more after a search for which they were
# too few, a little fewer after any other, which comes to one search in a hundred that scans again.
_FIRST_CANDIDATES = 1.25
_MOST_CANDIDATES = 16.0
_MORE_CANDIDATES = 1.1
_FEWER_CANDIDATES = 0.999
# Besides, of each part.
_EXTRA_CANDIDATES = 32
_MOST_DEAD_SHARE = 0.25
# Searches that met a replacement; the next one waits until nothing is replaced.
_ATTEMPTS = 3
# From here on a lone query is worth several threads.
_ROWS_FOR_THREADS = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    segments: tuple[Segment, ...] = ()
    recent: Recent | None = None


class ExactIndex:
    """Inner-product search over L2-normalised float32 vectors; `SearchIndex` says what each method does.

    Example:
        >>> index = ExactIndex()
        >>> index.add(np.array([7]), np.array([[0.6, 0.8]], np.float32))
        >>> index.search(np.array([[0.6, 0.8]], np.float32), most=1)[0].keys
        array([7])
    """

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._tail: Tail | None = None
        self._snapshot = _Snapshot()
        self._size = 0
        self._candidates = _FIRST_CANDIDATES
        # Odd while vectors are being replaced, when a search could see neither the old nor the new one.
        self._replacing = 0

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return self._size

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add n × d vectors; one whose key is there takes its place.

        Raises:
            ValueError: the keys are not as many as the vectors, not all different, or a vector is not finite
                or of other dimensions.
        """
        keys, vectors = np.asarray(keys, np.int64), np.asarray(vectors, np.float32)
        if len(keys) != len(vectors) or len(np.unique(keys)) != len(keys) or not np.isfinite(vectors).all():
            raise ValueError("as many different keys as finite vectors are needed")
        with self._writing:
            if self._tail is not None and self._tail.vectors.shape[1:] != vectors.shape[1:]:
                raise ValueError("all vectors of an index have the same dimensions")
            replaces = self._holds_any(keys)
            self._replacing += replaces
            self._remove(keys)
            segments = self._snapshot.segments
            tail = self._tail or Tail(vectors.shape[1], _FIRST_TAIL_ROWS)
            if tail.count + len(keys) <= _TAIL_ROWS:
                if tail.count + len(keys) > len(tail.keys):
                    tail = tail.grown(min(_TAIL_ROWS, 2 * (tail.count + len(keys))))
                tail.append(keys, vectors)
            else:
                segments = _merged([*segments, *_sealed(tail, keys, vectors)])
                tail = Tail(vectors.shape[1], _FIRST_TAIL_ROWS)
            self._tail = tail
            self._snapshot = _Snapshot(segments, tail.recent() if tail.count else None)
            self._size += len(keys)
            self._replacing += replaces

    def remove(self, keys: Keys) -> None:
        """Remove vectors; a key that is not there is passed over."""
        with self._writing:
            self._remove(np.asarray(keys, np.int64))

    def search(
        self, queries: Vectors, most: int, at_least: float = -1.0, excluding: Collection[int] = ()
    ) -> list[Hits]:
        """Return, for each of m × d queries, the best ``most`` hits with a score of ``at_least`` or more."""
        return self._steadily(lambda: self._search(queries, most, at_least, excluding))

    def vectors(self, keys: Keys) -> Vectors:
        """Return the n × d vectors of keys, in their order; zeros for a key that is not there."""
        return self._steadily(lambda: self._vectors(np.asarray(keys, np.int64)))

    def _steadily(self, look: Callable[[], Seen]) -> Seen:
        """Return what is seen while nothing is replaced."""
        for _ in range(_ATTEMPTS):
            before = self._replacing
            seen = look()
            if before == self._replacing and not before % 2:
                return seen
        with self._writing:
            return look()

    def _vectors(self, keys: Keys) -> Vectors:
        snapshot = self._snapshot
        recent = () if snapshot.recent is None else (snapshot.recent,)
        parts: tuple[Segment | Recent, ...] = (*snapshot.segments, *recent)
        dimensions = parts[0].vectors.shape[1] if parts else 0
        found = np.zeros((len(keys), dimensions), np.float32)
        order = np.argsort(keys, kind="stable")
        for part in parts:
            rows = part.rows(keys)
            found[order[np.searchsorted(keys, part.keys[rows], sorter=order)]] = part.vectors[rows]
        return found

    def _search(self, queries: Vectors, most: int, at_least: float, excluding: Collection[int]) -> list[Hits]:
        excluded = np.array(sorted(excluding), np.int64)
        queries = np.ascontiguousarray(queries, np.float32)
        snapshot, wanted = self._snapshot, most + len(excluded)
        scans = self._scan(snapshot, queries, wanted)
        if not scans:
            return [Hits(np.empty(0, np.int64), np.empty(0, np.float64)) for _ in queries]
        hits, all_sufficed = [], True
        for query, of_query in zip(queries, zip(*scans, strict=True), strict=True):
            keys, scores, sufficed = _certain(list(of_query), query, wanted, at_least)
            all_sufficed &= sufficed
            keep = scores >= at_least
            if len(excluded):
                keep &= ~np.isin(keys, excluded)
            keys, scores = keys[keep], scores[keep]
            best = np.lexsort((keys, -scores))[:most]
            hits.append(Hits(keys[best], scores[best]))
        learned = self._candidates * (_FEWER_CANDIDATES if all_sufficed else _MORE_CANDIDATES)
        self._candidates = min(max(learned, 1.0), _MOST_CANDIDATES)
        return hits

    def memory_bytes(self) -> int:
        """Return how much memory the index holds."""
        tail = self._tail.memory_bytes() if self._tail is not None else 0
        return tail + sum(segment.memory_bytes() for segment in self._snapshot.segments)

    def _scan(self, snapshot: _Snapshot, queries: Vectors, wanted: int) -> list[list[Scan]]:
        """Scan all parts, a lone query in several threads; of several queries faiss makes threads itself."""
        rows = sum(len(segment.keys) for segment in snapshot.segments)

        def scan(segment: Segment) -> list[Scan]:
            candidates = self._candidates * wanted * len(segment.keys) / rows
            return segment.scan(queries, _EXTRA_CANDIDATES + int(candidates))

        threaded = len(queries) == 1 and len(snapshot.segments) > 1 and rows >= _ROWS_FOR_THREADS
        scans = list((_pool().map if threaded else map)(scan, snapshot.segments))
        if snapshot.recent is not None:
            scans.append(snapshot.recent.scan(queries, _EXTRA_CANDIDATES + wanted))
        return scans

    def _holds_any(self, keys: Keys) -> bool:
        in_tail = self._tail is not None and len(self._tail.rows(keys)) > 0
        return in_tail or any(len(segment.rows(keys)) for segment in self._snapshot.segments)

    def _remove(self, keys: Keys) -> None:
        snapshot = self._snapshot
        if self._tail is not None:
            rows = self._tail.rows(keys)
            self._tail.remove(rows)
            self._size -= len(rows)
        for segment in snapshot.segments:
            rows = segment.rows(keys)
            if len(rows):
                segment.remove(rows)
                self._size -= len(rows)
        if any(segment.dead > _MOST_DEAD_SHARE * len(segment.keys) for segment in snapshot.segments):
            self._compact()

    def _compact(self) -> None:
        segments = []
        for segment in self._snapshot.segments:
            if segment.dead <= _MOST_DEAD_SHARE * len(segment.keys):
                segments.append(segment)
            elif segment.alive.any():
                segments.append(_joined([segment]))
        self._snapshot = _Snapshot(tuple(segments), self._snapshot.recent)


def _sealed(tail: Tail, keys: Keys, vectors: Vectors) -> list[Segment]:
    """Return segments of what is in a tail and of what no longer fits into it."""
    kept_keys, kept_vectors = tail.living()
    all_keys = np.concatenate((kept_keys, keys))
    all_vectors = np.concatenate((kept_vectors, vectors))
    return [
        Segment(
            all_keys[start : start + _MOST_ROWS_OF_A_SEGMENT],
            all_vectors[start : start + _MOST_ROWS_OF_A_SEGMENT],
        )
        for start in range(0, len(all_keys), _MOST_ROWS_OF_A_SEGMENT)
    ]


def _certain(scans: list[Scan], query: Vectors, most: int, at_least: float) -> tuple[Keys, Scores, bool]:
    """Return keys and true scores of the best ``most`` rows and of others, and whether the scans sufficed.

    A part of which other rows could reach the bound is scanned again, for more of them.
    """
    exact = query.astype(np.float64)
    found = [true_scores(scan, exact) for scan in scans]
    sufficed = True
    while True:
        keys = np.concatenate([part for part, _ in found])
        scores = np.concatenate([part for _, part in found])
        bound = max(at_least, _rank(scores, most))
        short = [place for place, scan in enumerate(scans) if scan.others_at_most >= bound]
        if not short:
            return keys, scores, sufficed
        sufficed = False
        for place in short:
            scan = scans[place]
            scans[place] = scan.part.scan(query[None], 4 * max(len(scan.rows), most))[0]
            found[place] = true_scores(scans[place], exact)


def _rank(scores: Scores, most: int) -> float:
    """Return the score of rank ``most``, minus infinity where there are fewer."""
    if len(scores) < most:
        return -np.inf
    return float(np.partition(scores, len(scores) - most)[len(scores) - most])


def _merged(segments: list[Segment]) -> tuple[Segment, ...]:
    """Join segments of a size class as soon as there are enough of them."""
    while True:
        classes: dict[int, list[Segment]] = {}
        for segment in segments:
            if len(segment.keys) * _JOINED <= _MOST_ROWS_OF_A_SEGMENT:
                classes.setdefault(int(math.log(len(segment.keys), _JOINED)), []).append(segment)
        full = next((each for each in classes.values() if len(each) >= _JOINED), None)
        if full is None:
            return tuple(segments)
        segments = [segment for segment in segments if segment not in full] + [_joined(full)]


def _joined(segments: list[Segment]) -> Segment:
    """Return one segment of what is left in several."""
    keys = np.concatenate([segment.keys[segment.alive] for segment in segments])
    vectors = np.concatenate([segment.vectors[segment.alive] for segment in segments])
    return Segment(keys, vectors)


@functools.cache
def _pool() -> ThreadPoolExecutor:
    """Return the threads that all indexes share: faiss releases the interpreter's lock while it scans."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="search")
