"""Reads SBOMs with cyclonedx-python-lib and prints their components, one list for each. Usage: FILE.json|FILE.xml ..."""

import json
import sys

from cyclonedx.model.bom import Bom

for path in sys.argv[1:]:
    with open(path, encoding="utf8") as file:
        bom = Bom.from_xml(file) if path.endswith(".xml") else Bom.from_json(json.load(file))
    print(json.dumps([{"name": component.name, "version": component.version} for component in bom.components]))
