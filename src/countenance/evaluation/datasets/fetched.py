"""LFW as scikit-learn fetches it: downloaded by its fetcher if allowed, read from where that leaves it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from countenance.errors import DataSetInvalid, ExtraMissing
from countenance.evaluation.datasets.lfw import LISTS, read_own_list
from countenance.evaluation.datasets.places import is_file, is_folder

if TYPE_CHECKING:
    from countenance.evaluation.datasets.listing import Listing

SUBSETS = {"test": "devtest", "train": "devtrain", "10_folds": "view2"}
"""The names of LFW's lists by the fetcher's."""

_NAMES = {
    "test": "LFW View 1 DevTest (scikit-learn, funneled)",
    "train": "LFW View 1 DevTrain (scikit-learn, funneled)",
    "10_folds": "LFW View 2 (scikit-learn, funneled)",
}


def read_fetched(data_home: Path | None, subset: str, *, download: bool) -> Listing:
    """Return the pairs that scikit-learn's ``fetch_lfw_pairs`` serves, as files.

    Args:
        data_home: scikit-learn's data folder; None for its default.
        subset: ``train``, ``test`` or ``10_folds``.
        download: whether what is missing may be downloaded, some 230 MB.

    Raises:
        ExtraMissing: scikit-learn is not installed.
        DataSetInvalid: the files are not there and did not come.
    """
    try:
        # It takes seconds to import, and not everybody has it.
        from sklearn.datasets import fetch_lfw_pairs, get_data_home  # noqa: PLC0415
    except ImportError as error:
        raise ExtraMissing("scikit-learn is not installed; pip install 'countenance[evaluation]'") from error
    try:
        home = Path(get_data_home(data_home)) / "lfw_home"
    except (OSError, ValueError) as error:
        raise DataSetInvalid(f"scikit-learn cannot use the folder {data_home}: {error}") from error
    pairs, pictures = home / LISTS[SUBSETS[subset]], home / "lfw_funneled"
    if not (is_file(pairs) and is_folder(pictures)):
        try:
            # The fetcher also decodes all pictures, of which nothing is used but the files: small is quick.
            fetch_lfw_pairs(
                subset=subset, data_home=data_home, color=True, resize=0.1, download_if_missing=download
            )
        except Exception as error:
            # Whatever went wrong, from a network down to a broken picture: only the files count.
            if not (is_file(pairs) and is_folder(pictures)):
                way_out = "" if download else "; allow the download, or put the files there"
                raise DataSetInvalid(f"LFW is not complete in {home}: {error}{way_out}") from error
    return read_own_list(_NAMES[subset], pairs, [pictures], folds=subset == "10_folds")
