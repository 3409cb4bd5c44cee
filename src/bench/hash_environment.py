"""What an audit does at the least: hashes every file that a RECORD in the environment lists. Usage: VENV"""

import base64
import csv
import hashlib
import pathlib
import sys

bad = 0
for record in pathlib.Path(sys.argv[1]).glob("lib/python*/site-packages/*.dist-info/RECORD"):
    site = record.parent.parent
    with record.open(newline="") as rows:
        for path, digest, _ in csv.reader(rows):
            if digest:
                algorithm, _, expected = digest.partition("=")
                found = hashlib.new(algorithm, (site / path).read_bytes()).digest()
                bad += base64.urlsafe_b64encode(found).rstrip(b"=").decode() != expected
sys.exit(bad > 0)
