"""What a template loses in a credential, by the bits that each of its numbers gets: LFW View 1.

    COUNTENANCE_SHARED=… python benchmarks/credential.py [--pack NAME]

One picture of each DevTest pair is the credential's and in bits, the other is what a gate captures and full.
FNMR is the share of the 500 mated pairs that do not match at FMR 0.1 %. That score is taken from all pairs of
two people's pictures, since 500 non-mated pairs are too few: once for each number of bits, and once for full
templates, as a gate has it that knows only its pack's threshold. A face that is not found never matches.
"""

from __future__ import annotations

import argparse
import secrets
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from countenance.credentials.cose import issue
from countenance.credentials.quantising import BITS, quantise, restore
from countenance.credentials.sealing import seal
from countenance.credentials.values import Claims, Credential, StatusPlace
from countenance.credentials.wire45 import to_text
from countenance.vision import FaceAnalyzer
from lfw import picture_path, pictures_of, read_pairs, subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    Scores = npt.NDArray[np.float32]
    Templates = npt.NDArray[np.float32]

FALSE_MATCHES = 0.001


def templates_of(analyzer: FaceAnalyzer, names: list[str]) -> Templates:
    """Return the pictures' templates; numbers that match nothing where no face was found."""
    faces = subjects(analyzer, map(picture_path, names), lambda _: (250, 250))
    found = {
        name: face.template.vector for name, face in zip(names, faces, strict=True) if face and face.template
    }
    nothing = np.full_like(next(iter(found.values())), np.nan)
    return np.stack([found.get(name, nothing) for name in names])


def strangers(names: list[str]) -> npt.NDArray[np.bool_]:
    """Return which pairs of pictures show two people; a picture's name begins with its subject's."""
    people = np.array([name.rsplit("_", 1)[0] for name in names])
    different: npt.NDArray[np.bool_] = people[:, None] != people
    return different


def threshold(scores: Scores) -> float:
    """Return the score that at most a share of ``FALSE_MATCHES`` exceeds."""
    return float(np.quantile(scores[~np.isnan(scores)], 1 - FALSE_MATCHES, method="higher"))


def in_bits(vector: npt.NDArray[np.float32], bits: int) -> npt.NDArray[np.float32]:
    """Return a template as it comes back from a credential."""
    return restore(quantise(vector, bits), vector.size, bits)


def report_bits(templates: Templates, names: list[str]) -> None:
    number = {name: index for index, name in enumerate(names)}
    mated = [(number[pair.first], number[pair.second]) for pair in read_pairs("devtest") if pair.mated]
    first, second = np.array(mated).T
    different = strangers(names)
    full_threshold = threshold((templates @ templates.T)[different])

    def report(title: str, packed: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]) -> None:
        carried = np.stack([row if np.isnan(row).any() else packed(row) for row in templates])
        scores = (carried[first] * templates[second]).sum(axis=1)
        rates = [
            100 * (1 - (scores > limit).mean())
            for limit in (threshold((carried @ templates.T)[different]), full_threshold)
        ]
        print(
            f"{title}: FNMR at FMR 0.1 % {rates[0]:.1f} %, at the full templates' threshold {rates[1]:.1f} %"
        )

    dimension = templates.shape[1]
    report(f"full, {4 * dimension} bytes", lambda vector: vector)
    for bits in (8, 6, 5, 4):
        chosen = ", chosen" if bits == BITS else ""
        report(
            f"{bits} bits, {(dimension * bits + 7) // 8} bytes{chosen}",
            partial(in_bits, bits=bits),
        )


def report_size(template: npt.NDArray[np.float32], pack: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    claims = Claims(
        credential_id=secrets.token_urlsafe(16),
        issuer="https://airport.example",
        holder=secrets.token_urlsafe(12),
        kind="boarding",
        audience=("terminal-1/gate-b12",),
        valid_from=now,
        valid_until=now + timedelta(days=1),
        pack=pack,
        pack_sha256=secrets.token_bytes(32),
        status=StatusPlace("https://airport.example/status/3", 123_456),
        event={"flight": "XY 1234", "seat": "14C"},
    )
    sealed = seal(quantise(template), claims, [X25519PrivateKey.generate().public_key()])
    signed = issue(Credential(claims, sealed), generate_private_key(SECP256R1()))
    print(
        f"a boarding pass: sealed template {len(sealed)} bytes, signed {len(signed)} bytes, "
        f"{len(to_text(signed))} characters as a QR code"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", default="dlib-cc0")
    analyzer = FaceAnalyzer.load(parser.parse_args().pack)
    names = pictures_of(read_pairs("devtest"))
    templates = templates_of(analyzer, names)
    print(f"pack {analyzer.pack}, {len(names)} pictures of LFW DevTest")
    report_bits(templates, names)
    report_size(next(row for row in templates if not np.isnan(row).any()), analyzer.pack)


if __name__ == "__main__":
    main()
