"""Reads the archives named on standard input, one path per line, by zipfile. Prints a JSON object for each: the SHA-256
of each member that is no folder by its name, or why it cannot be read."""

import hashlib
import json
import sys
import zipfile


def read(path):
    members = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.filename in members:
                raise ValueError(f"twice: {info.filename}")
            if not info.is_dir():
                members[info.filename] = hashlib.sha256(archive.read(info)).hexdigest()
    return members


for line in sys.stdin:
    try:
        print(json.dumps({"members": read(line.rstrip("\n"))}))
    except Exception as error:  # whatever zipfile raises is its answer
        print(json.dumps({"refusal": f"{type(error).__name__}: {error}"}))
