"""Whatever a list's bytes are, it is a data set or it is refused: nothing else happens."""

import string
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laid_out_data_sets import lay_out, write

from countenance.errors import DataSetInvalid
from countenance.evaluation.datasets.opening import KINDS, open_data_set
from countenance.evaluation.datasets.tables import TableColumns
from countenance.evaluation.samples import DataSet

FEW = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The folder of a test is the same for all examples, which each write the list anew."""

NAMES = (
    "a/1.png",
    "a/2.png",
    "b/3.png",
    "b/4.png",
    "link/5.png",
    "..",
    "/etc/hostname",
    "a/\0",
    "",
    "a/" * 400,
)
VALUES = st.one_of(
    st.sampled_from((*NAMES, "1", "0", "10", "Ada", "female", "20-29", "White", "Male", '"', "\udcff")),
    st.text(max_size=20),
)
ROWS = st.lists(st.lists(VALUES, max_size=8).map(",".join), max_size=12)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_out(tmp_path / "outside", "5.png")
    root = lay_out(tmp_path / "root", "a/1.png", "a/2.png", "b/3.png", "b/4.png")
    (root / "link").symlink_to(tmp_path / "outside")
    return root


def opened(spec: str, root: Path, columns: TableColumns | None = None) -> DataSet | None:
    """Return the data set, of which all that must hold does; None if it is refused."""
    try:
        data = open_data_set(spec, columns=columns)
    except DataSetInvalid:
        return None
    assert any(data.sha256)
    assert len(data.sha256) == len(data.samples)
    for sample in data.samples:
        assert sample.subject
        assert sample.file.resolve().is_relative_to(root.resolve())
    for pair in data.pairs or ():
        assert pair.first != pair.second
        one, other = data.samples[pair.first], data.samples[pair.second]
        assert pair.mated == (one.subject == other.subject)
    assert all(problem.text.encode() and "\n" not in problem.text for problem in data.problems)
    assert data.digest()
    return data


def encoded(lines: list[str]) -> bytes:
    return "\n".join(lines).encode(errors="surrogatepass")


@FEW
@given(rows=ROWS, extra=st.sampled_from(["", ",fold", ",subject_a,subject_b", ",gender_a,gender_b,fold"]))
def test_any_pair_list(root: Path, rows: list[str], extra: str) -> None:
    (root / "list.csv").write_bytes(encoded([f"file_a,file_b,same_person{extra}", *rows]))

    opened(f"pairs:{root / 'list.csv'}", root)


@FEW
@given(rows=ROWS)
def test_any_table(root: Path, rows: list[str]) -> None:
    (root / "list.csv").write_bytes(encoded(["file,subject,gender,age", *rows]))

    opened(f"table:{root / 'list.csv'}", root, TableColumns(groups=("gender", "age")))


@FEW
@given(rows=ROWS)
def test_any_labels_of_fairface(root: Path, rows: list[str]) -> None:
    (root / "list.csv").write_bytes(encoded(["file,age,gender,race", *rows]))

    opened(f"fairface:{root / 'list.csv'}", root)


@FEW
@given(content=st.binary(max_size=300), kind=st.sampled_from(["pairs", "table", "fairface"]))
def test_any_bytes_as_a_csv(root: Path, content: bytes, kind: str) -> None:
    (root / "list.csv").write_bytes(content)

    opened(f"{kind}:{root / 'list.csv'}", root)
    opened(str(root / "list.csv"), root)


@FEW
@given(
    lines=st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(["Ada", "Bob", "..", "1", "2", "9" * 30, "٣", "-1"]), st.text(max_size=9)
            )
        ).map("\t".join),
        max_size=10,
    ),
    variant=st.sampled_from(["devtest", "view2"]),
)
def test_any_list_of_lfw(root: Path, lines: list[str], variant: str) -> None:
    lay_out(root, "Ada/Ada_0001.jpg", "Ada/Ada_0002.jpg", "Bob/Bob_0001.jpg")
    header = "1" if variant == "devtest" else "2\t1"
    name = "pairsDevTest.txt" if variant == "devtest" else "pairs.txt"
    (root / name).write_bytes(encoded([header, "Ada\t1\t2", *lines]))

    opened(f"lfw:{root}:{variant}", root)


@FEW
@given(content=st.binary(max_size=200), name=st.sampled_from(["pairsDevTest.txt", "pairs.txt", "gender.csv"]))
def test_any_bytes_as_a_file_of_lfw(root: Path, content: bytes, name: str) -> None:
    write(root / "pairsDevTest.txt", "1", "a\t1\t2")
    (root / name).write_bytes(content)

    opened(f"lfw:{root}", root)
    opened(f"lfw:{root}:view2", root)


@FEW
@given(
    listed=st.lists(st.text(alphabet=string.digits + " ./abDIP\0\n\t", max_size=30), max_size=6),
    split=st.lists(st.text(alphabet=string.digits[:4] + ", -", max_size=6), max_size=6),
)
def test_any_lists_of_cfp(root: Path, listed: list[str], split: list[str]) -> None:
    protocol = root / "Protocol"
    write(protocol / "Pair_list_F.txt", "1 ../a/1.png", "2 ../a/2.png", "3 ../link/5.png", *listed)
    write(protocol / "Split" / "FF" / "01" / "same.txt", *split)
    write(protocol / "Split" / "FF" / "01" / "diff.txt", *reversed(split))

    opened(f"cfp:{root}:ff", root)


@FEW
@given(names=st.lists(st.text(max_size=40), max_size=5))
def test_any_names_of_files(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    root = tmp_path_factory.mktemp("names")
    for name in names:
        # Names that no file can have.
        with suppress(OSError, ValueError):
            lay_out(root / "people", f"Ada/{name.replace('/', '')}.png", f"{name.replace('/', '')}/1.png")
            lay_out(root / "utk", f"{name.replace('/', '')}_0_1_2.jpg")

    opened(f"folders:{root / 'people'}", root)
    opened(f"utkface:{root / 'utk'}", root)


@FEW
@given(
    spec=st.one_of(
        st.text(), st.tuples(st.sampled_from(sorted({*KINDS} - {"sklearn-lfw"})), st.text()).map(":".join)
    )
)
def test_any_words_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    monkeypatch.chdir(tmp_path)

    opened(spec, tmp_path)
