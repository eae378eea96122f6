"""The file that keeps an endpoint's answers."""

from __future__ import annotations

import resource
import stat
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import AnswerCacheUnusable
from countenance.evaluation.targets.answer_cache import Answer, AnswerCache, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

SIMILARITIES = st.floats(0, 100)
ANSWERS = st.one_of(
    st.builds(lambda trouble: Answer(trouble=trouble), st.text(min_size=1, max_size=20)),
    st.just(Answer()),
    st.builds(lambda similarity: Answer((similarity,)), SIMILARITIES),
    st.lists(st.tuples(SIMILARITIES, st.integers(0, 10**6)), min_size=1, max_size=5).map(
        lambda found: Answer(tuple(s for s, _ in found), tuple(n for _, n in found))
    ),
)
LONG = Answer((1.0,) * 100, (1,) * 100)
PLACE = "http://127.0.0.1 us-east-1"


def keys(*words: str) -> list[str]:
    return [Question(PLACE, "CompareFaces", (word,), {}).key() for word in words]


def read(file: Path) -> dict[str, Answer]:
    with AnswerCache(file) as cache:
        return {key: cache[key] for key in keys(*map(str, range(20))) if key in cache}


@given(answers=st.lists(ANSWERS, max_size=6), share=st.floats(0, 1))
def test_a_file_cut_anywhere_holds_the_first_of_its_answers_and_takes_more(
    answers: list[Answer], share: float
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answers")
        kept = dict(zip(keys(*map(str, range(len(answers)))), answers, strict=True))
        with AnswerCache(file) as cache:
            for key, answer in kept.items():
                cache.put(key, answer)
        whole = file.read_bytes()
        file.write_bytes(whole[: round(share * len(whole))])
        left = read(file)
        assert list(left.items()) == list(kept.items())[: len(left)]
        assert len(left) >= whole[: round(share * len(whole))].count(b"\n") - 1
        [new] = keys("19")
        with AnswerCache(file) as cache:
            cache.put(new, Answer((50.0,)))
        assert read(file) == left | {new: Answer((50.0,))}


def test_nothing_stays_of_a_torn_line_that_is_longer_than_the_next(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    first, second = keys("1", "2")
    with AnswerCache(file) as cache:
        cache.put(first, LONG)
    file.write_bytes(file.read_bytes()[:-5])
    with AnswerCache(file) as cache:
        assert len(file.read_bytes().splitlines()) == 1
        cache.put(second, Answer((2.0,)))
    assert read(file) == {second: Answer((2.0,))}


def test_a_question_is_known_by_everything_that_its_answer_depends_on() -> None:
    question = ("http://a us-east-1", "CompareFaces", ("1", "2"), {"most": 1})
    others = [
        ("http://b us-east-1", *question[1:]),
        ("http://a us-east-2", *question[1:]),
        (question[0], "DetectFaces", *question[2:]),
        (*question[:2], ("2", "1"), question[3]),
        (*question[:2], ("12",), question[3]),
        (*question[:3], {"most": 2}),
    ]
    made = [Question(*each).key() for each in (question, *others)]
    assert len(set(made)) == len(made)
    assert Question(*question).key() == made[0]


def test_answers_are_in_the_file_as_soon_as_they_are_put(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    [key] = keys("a")
    with AnswerCache(file) as cache:
        cache.put(key, Answer((12.5,)))
        assert key.encode() in file.read_bytes()


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    for _ in range(2):
        with AnswerCache(file):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)


def put(cache: AnswerCache, keys: list[str]) -> None:
    for key in keys:
        cache.put(key, Answer((1.0,)))


def test_threads_may_put_at_the_same_time(tmp_path: Path) -> None:
    made = keys(*map(str, range(400)))
    with AnswerCache(tmp_path / "answers") as cache:
        threads = [threading.Thread(target=put, args=(cache, made[start::8])) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with AnswerCache(tmp_path / "answers") as cache:
        assert len(cache) == 400


def test_collections_that_were_opened_and_not_closed_are_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    with AnswerCache(file) as cache:
        cache.note_opened("first", PLACE)
        cache.note_opened("second", PLACE)
        cache.note_opened("third", "elsewhere")
        cache.note_closed("first")
        assert cache.left_behind(PLACE) == ("second",)
    with AnswerCache(file) as cache:
        assert cache.left_behind(PLACE) == ("second",)
        assert len(cache) == 0


@pytest.mark.parametrize(
    "content", [b"file,subject\n", b"file,subject", b"\n", b'{"countenance": 2}\n', b"\xff"]
)
def test_a_file_that_is_something_else_is_refused_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(content)
    file.chmod(0o644)
    with pytest.raises(AnswerCacheUnusable, match=r"no file of an endpoint's answers.*name another"):
        AnswerCache(file)
    assert file.read_bytes() == content
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"{}",
        b'{"key": "a", "similarities": [101]}',
        b'{"key": "a", "similarities": [NaN]}',
        b'{"key": "a", "similarities": ["high"]}',
        b'{"key": "a", "similarities": [1], "subjects": [1, 2]}',
        b'{"key": "a", "similarities": [1], "subjects": [1e999]}',
        b'{"key": "a", "similarities": [1], "trouble": "no face"}',
        b"[" * 100_000,
    ],
    ids=lambda line: line.decode()[:40],
)
def test_a_damaged_line_is_named_and_nothing_is_lost(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "answers"
    with AnswerCache(file) as cache:
        cache.put(keys("a")[0], Answer((1.0,)))
    content = file.read_bytes() + line + b"\n"
    file.write_bytes(content)
    with pytest.raises(AnswerCacheUnusable, match="line 3, is damaged; delete that line"):
        AnswerCache(file)
    assert file.read_bytes() == content


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    with AnswerCache(file), pytest.raises(AnswerCacheUnusable, match="another evaluation"):
        AnswerCache(file)
    with AnswerCache(file):
        pass


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnswerCacheUnusable, match=r"cannot be kept in .*No such file"):
        AnswerCache(tmp_path / "missing" / "answers")
    with pytest.raises(AnswerCacheUnusable, match=r"cannot be kept in .*directory"):
        AnswerCache(tmp_path)


def test_a_disk_that_takes_no_more_is_told_and_no_half_line_stays(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    first, second, third = keys("a", "b", "c")
    with AnswerCache(file) as cache:
        cache.put(first, Answer((1.0,)))
        with largest_file(file.stat().st_size + 500), pytest.raises(AnswerCacheUnusable, match="too large"):
            cache.put(second, LONG)
        assert second not in cache
        assert file.read_bytes().endswith(b"}\n")
        cache.put(third, Answer((3.0,)))
    with AnswerCache(file) as cache:
        assert (first in cache, second in cache, third in cache) == (True, False, True)


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow larger, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
