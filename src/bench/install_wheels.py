"""Installs wheels with pypa/installer, each validated against its RECORD: what a careful script would do in Python."""

import sys
import sysconfig

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile

prefix, *wheels = sys.argv[1:]
variables = {name: prefix for name in ("base", "platbase", "installed_base", "installed_platbase")}
paths = sysconfig.get_paths("posix_prefix", vars=variables)
for wheel in wheels:
    with WheelFile.open(wheel) as source:
        source.validate_record(validate_contents=True)
        scheme = {key: paths[key] for key in ("purelib", "platlib", "scripts", "data")}
        scheme["headers"] = prefix + "/include/" + source.distribution
        destination = SchemeDictionaryDestination(scheme, prefix + "/bin/python", "posix")
        install(source, destination, additional_metadata={"INSTALLER": b"installer"})
