"""Verifies every signature of a JWS document (RFC 7515, general serialization) by python-cryptography.

usage: verify_jws.py DOCUMENT KEYS    KEYS: JSON object, RFC 7638 thumbprint to public JWK. Prints the thumbprints that verify.
"""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text: str) -> int:
    return int.from_bytes(decode(text), "big")


def verify(jwk: dict, signature: bytes, data: bytes) -> None:
    if jwk["kty"] == "OKP":
        Ed25519PublicKey.from_public_bytes(decode(jwk["x"])).verify(signature, data)
        return
    public = ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), ec.SECP256R1()).public_key()
    halves = [int.from_bytes(half, "big") for half in (signature[:32], signature[32:])]
    public.verify(encode_dss_signature(*halves), data, ec.ECDSA(SHA256()))


document, keys = (json.load(open(path)) for path in sys.argv[1:])
for entry in document["signatures"]:
    kid = json.loads(decode(entry["protected"]))["kid"]
    try:
        verify(keys[kid], decode(entry["signature"]), f"{entry['protected']}.{document['payload']}".encode())
        print(kid)
    except InvalidSignature:
        pass
