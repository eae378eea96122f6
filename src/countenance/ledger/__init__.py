"""What was done, provably: an append-only Merkle log, signed checkpoints and proofs."""

from countenance.ledger.canonical import canonical, in_hundredths
from countenance.ledger.checkpoint import Checkpoint, VerifierKey, read_checkpoint, sign_checkpoint
from countenance.ledger.merkle import (
    EMPTY_ROOT,
    GrowingTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from countenance.ledger.ports import Ledger, LedgerHead, LedgerReader
from countenance.ledger.receipt import (
    ProvedEntry,
    VerifiedReceipt,
    make_receipt,
    verify_receipt,
)
from countenance.ledger.verification import LedgerVerification, verify_ledger
from countenance.ledger.witness import Witness, witness_of

__all__ = [
    "EMPTY_ROOT",
    "Checkpoint",
    "GrowingTree",
    "Ledger",
    "LedgerHead",
    "LedgerReader",
    "LedgerVerification",
    "ProvedEntry",
    "VerifiedReceipt",
    "VerifierKey",
    "Witness",
    "canonical",
    "consistency_proof",
    "in_hundredths",
    "inclusion_proof",
    "leaf_hash",
    "make_receipt",
    "node_hash",
    "read_checkpoint",
    "root_of",
    "sign_checkpoint",
    "verify_consistency",
    "verify_inclusion",
    "verify_ledger",
    "verify_receipt",
    "witness_of",
]
