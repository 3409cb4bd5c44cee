"""Signs a wheel as `wheel sign` of wheel 0.16 to 0.31.1 did, from its description and with another Ed25519.

usage: wheel_sign.py WHEEL SEED_HEX    prints the public key as the header has it
"""

import base64
import hashlib
import json
import sys
import zipfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value: dict) -> str:
    return b64(json.dumps(value, sort_keys=True).encode())


path, seed = sys.argv[1:]
key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
vk = b64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
with zipfile.ZipFile(path, "a") as archive:
    (record,) = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD")]
    digest = b64(hashlib.sha256(archive.read(record)).digest())
    payload = compact({"hash": "sha256=" + digest})
    header = compact({"alg": "Ed25519", "jwk": {"kty": "Ed25519", "vk": vk}})
    signature = b64(key.sign(f"{header}.{payload}".encode()))
    document = {"payload": payload, "recipients": [{"header": header, "signature": signature}]}
    archive.writestr(record + ".jws", json.dumps(document, sort_keys=True))
print(vk)
