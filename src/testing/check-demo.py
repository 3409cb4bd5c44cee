"""Looks at an environment from outside tspip: every file matches RECORD, none is unlisted, the SBOM names them all."""

import base64
import csv
import hashlib
import json
import pathlib
import sys

environment, sbom = map(pathlib.Path, sys.argv[1:])
(site,) = environment.glob("lib/python3*/site-packages")
owned, projects = set(), set()
for record in site.glob("*.dist-info/RECORD"):
    name, _, _ = record.parent.name.removesuffix(".dist-info").rpartition("-")
    projects.add(name.replace("_", "-").lower())
    for path, digest, size in csv.reader(record.open(newline="", encoding="utf-8")):
        file = (site / path).resolve()
        owned.add(file)
        if digest:
            algorithm, expected = digest.split("=", 1)
            content = file.read_bytes()
            found = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
            assert found == expected and len(content) == int(size), f"{path} differs from RECORD"

unowned = [file for file in site.rglob("*") if file.is_file() and file.resolve() not in owned and "__pycache__" not in file.parts]
assert not unowned, f"nobody owns {unowned}"
named = {component["name"].replace("_", "-").lower() for component in json.loads(sbom.read_text())["components"]}
assert named == projects, f"the SBOM names {sorted(named)}, installed are {sorted(projects)}"
print(f"{len(owned)} files of {len(projects)} distributions match RECORD; the SBOM names every one")
