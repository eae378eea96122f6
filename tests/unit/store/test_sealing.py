"""What is sealed opens where it belongs, with its own key, unaltered; and nowhere else."""

from __future__ import annotations

import os

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import MasterKeyInvalid, TemplateBroken
from countenance.store.keyring import KEY_BYTES, ValueKeyring, new_key
from countenance.store.sealing import MasterKeys, face_data, open_template, portrait_data, seal_template
from new_faces import DIMENSIONS, face_id, template

OVERHEAD_BYTES = 12 + 16  # the nonce and the tag
PLACE = face_data(1, face_id(1), "dlib-cc0")
DATA_KEY = AESGCM(new_key())


@pytest.fixture(scope="module")
def master_keys() -> MasterKeys:
    return MasterKeys(ValueKeyring(os.urandom(KEY_BYTES).hex()))


def test_a_sealed_template_opens_bit_for_bit() -> None:
    sealed = seal_template(DATA_KEY, template(1), PLACE)
    opened = open_template(DATA_KEY, sealed, PLACE)
    assert opened.dtype == np.float32
    assert opened.tobytes() == template(1).tobytes()


def test_a_template_is_float32_whatever_the_machine_and_the_array_are() -> None:
    for same in (template(1).astype(">f4"), np.repeat(template(1), 2)[::2]):
        sealed = seal_template(DATA_KEY, same, PLACE)
        assert len(sealed) == 4 * DIMENSIONS + OVERHEAD_BYTES
        assert np.array_equal(open_template(DATA_KEY, sealed, PLACE), template(1))


def test_the_same_template_is_never_sealed_to_the_same_bytes() -> None:
    sealed = [seal_template(DATA_KEY, template(1), PLACE) for _ in range(100)]
    assert len({each[:12] for each in sealed}) == len({each[12:] for each in sealed}) == 100


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(face_data(2, face_id(1), "dlib-cc0"), id="another collection"),
        pytest.param(face_data(1, face_id(2), "dlib-cc0"), id="another face"),
        pytest.param(face_data(1, face_id(1), "dlib-cc1"), id="another pack"),
        pytest.param(portrait_data(1, face_id(1), "dlib-cc0"), id="a portrait's place"),
        pytest.param(b"", id="nowhere"),
    ],
)
def test_a_template_that_was_moved_does_not_open(elsewhere: bytes) -> None:
    sealed = seal_template(DATA_KEY, template(1), PLACE)
    with pytest.raises(TemplateBroken, match="altered"):
        open_template(DATA_KEY, sealed, elsewhere)


@given(place=st.integers(0, 4 * DIMENSIONS + OVERHEAD_BYTES - 1), bit=st.integers(0, 7))
def test_a_template_of_which_one_bit_was_altered_does_not_open(place: int, bit: int) -> None:
    sealed = bytearray(seal_template(DATA_KEY, template(1), PLACE))
    sealed[place] ^= 1 << bit
    with pytest.raises(TemplateBroken):
        open_template(DATA_KEY, bytes(sealed), PLACE)


@given(length=st.integers(0, 4 * DIMENSIONS + OVERHEAD_BYTES - 1))
def test_a_template_that_was_cut_off_does_not_open(length: int) -> None:
    sealed = seal_template(DATA_KEY, template(1), PLACE)[:length]
    with pytest.raises(TemplateBroken):
        open_template(DATA_KEY, sealed, PLACE)


def test_another_subjects_key_does_not_open_a_template() -> None:
    sealed = seal_template(DATA_KEY, template(1), PLACE)
    with pytest.raises(TemplateBroken):
        open_template(AESGCM(new_key()), sealed, PLACE)


def test_no_two_places_are_written_the_same_way() -> None:
    keys, names = (1, 11, 111), (face_id(1), "external:1", "1", "user:1")
    places = [face_data(key, name, pack) for key in keys for name in names for pack in ("p", "1")]
    places += [portrait_data(key, name, pack) for key in keys for name in names for pack in ("p", "1")]
    assert len(set(places)) == len(places)


def test_the_master_key_opens_what_it_sealed(master_keys: MasterKeys) -> None:
    secret = new_key()
    sealed, key_id = master_keys.seal(secret, b"x")
    assert key_id == master_keys.current_id
    assert secret not in sealed
    assert master_keys.open(sealed, key_id, b"x") == secret


def test_a_sealed_secret_that_was_moved_or_altered_does_not_open(master_keys: MasterKeys) -> None:
    sealed, key_id = master_keys.seal(new_key(), b"x")
    for content, place in (
        (sealed, b"y"),
        (sealed[:-1], b"x"),
        (sealed[:5], b"x"),
        (b"", b"x"),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"x"),
    ):
        with pytest.raises(TemplateBroken, match="altered"):
            master_keys.open(content, key_id, place)


def test_a_key_that_is_not_in_the_keyring_is_named(master_keys: MasterKeys) -> None:
    sealed, _ = master_keys.seal(b"content", b"place")
    with pytest.raises(MasterKeyInvalid, match="master key 2019, which is not in the keyring"):
        master_keys.open(sealed, "2019", b"place")


def test_keys_are_all_different_and_of_full_length() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(key) for key in keys} == {KEY_BYTES}
