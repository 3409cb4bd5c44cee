"""Verifies the attestations beside the given files by sigstore-python's API, with one verifier: what `npm run bench` times."""

import sys
from pathlib import Path

from pypi_attestations import Attestation
from sigstore.verify import Verifier, policy

verifier = Verifier.production(offline=True)
for path in map(Path, sys.argv[1:]):
    attestation = Attestation.model_validate_json(Path(f"{path}.publish.attestation").read_bytes())
    verifier.verify_dsse(attestation.to_bundle(), policy.UnsafeNoOp())
