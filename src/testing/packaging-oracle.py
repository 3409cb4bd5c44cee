"""Writes testdata/packaging/oracle.json: what the Python library `packaging` says of versions, specifiers, markers and
requirements. Run it with the version of `packaging` that is named in the file, when cases are added:

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install packaging==26.0
    /tmp/oracle/bin/python src/testing/packaging-oracle.py > testdata/packaging/oracle.json
"""

import importlib.metadata
import json

from packaging.markers import InvalidMarker, Marker, UndefinedComparison
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

VERSIONS = """1.0 1 1.0.0 1.0.1 1.1 0.9 2 1.0a1 1.0b2 1.0rc1 1.0.dev1 1.0a1.dev2 1.0.post1 1.0.post1.dev3 1.0-1 1.0+local
1.0+1 1.0+ubuntu.1 1!1.0 1!0.5 1.0.post0 1.0.9007199254740993 1.0.9007199254740992 v1.0 1.0ALPHA 1.0-c2 1.0.pre3
1.0_beta_4 1.0.r5 1.0rev6 1.0a1.post2 1.0a1.post2.dev1 1.0a0 1.4.5 1.4.5a1 1.5.0 2.0.dev0 1.0+abc.7 1.0+abc 1.0+7 2020.1
1.0.0.0.0.1 0 0.0.0 1.0+a.b-c_d 10.0 9.0 1.10 1.9 1. a 1..0 1.0+ 1.0++a 1.0- 1.0.post1+l 1.0x 1,0 1.0.* ==1.0""".split()
VERSIONS += [" 1.0 ", "", "1 .0"]
OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "~=", "==="]
SPECIFIED = """1.0 1 1.0.1 2 1.0a1 1.0rc1 1.0.dev1 1.0.post1 1.0+local 1!1.0 1.0.post0 1.4.5 1.4.5a1 2.0.dev0
1.0a1.post2 1.0.9007199254740992 0 1.0.0.0.0.1""".split()
SPECIFIERS = [o + v + s for o in OPERATORS for v in SPECIFIED for s in ("", ".*")]
SPECIFIERS += ["", ">=1,<2", "==1.0,!=1.0.post1", ">=1.0,", "== 1.0", "=1.0", "1.0", ">1.0 ,<2", ">=1.0 <2", "~=1", ">= 1.0.*"]

ENVIRONMENT = {
    "os_name": "posix", "sys_platform": "linux", "platform_machine": "x86_64",
    "platform_python_implementation": "CPython", "platform_release": "6.1.0", "platform_system": "Linux",
    "platform_version": "#1 SMP", "python_version": "3.11", "python_full_version": "3.11.7",
    "implementation_name": "cpython", "implementation_version": "3.11.7", "extra": "",
}
VALUES = ["3.11", "3.9", "3.11.7", "3.12", "3", "linux", "win32", "posix", "x86_64", "CPython", "cpython", "3.11.0rc1", ""]
MARKERS = [f'{name} {o} "{value}"' for name in ENVIRONMENT if name != "extra" for value in VALUES
           for o in ("==", "!=", "<", ">=", "in", "not in", "~=")]
MARKERS += [
    'python_version >= "3.9" and sys_platform == "linux"', '(python_version < "3" or os_name == "posix") and sys_platform != "win32"',
    '"3.9" <= python_version', '"linux" in sys_platform', "python_version>='3.9'and os_name=='posix'", 'extra == "Foo_Bar"',
    'extra == "test" or python_version < "4"', "os.name == 'posix'", "python_implementation == 'CPython'", 'python_version in "3.10 3.11"',
    "", "python_version", 'python_version >', 'python_version >= 3.9', 'nonsense == "1"', '(os_name == "posix"',
    'os_name == "posix" xor os_name == "nt"', 'platform_machine == "x86_64" and (extra == "a" or extra == "b")',
]
REQUIREMENTS = [
    "requests", "requests==2.31.0", "requests[security,socks]>=2.8.1,<3", "Foo.Bar_baz", "name @ https://example.org/n-1.0-py3-none-any.whl",
    'name@https://example.org/n.whl ; python_version < "3"', "name (>=1.0)", "name (>=1.0,<2) ; os_name == 'nt'", "name[]", "name [a]", "name[a,,b]",
    "-name", "name-", "na me", "name>=", "name[a", "name==1.0 extra", "name; python_version", "name>=1;python_version>='3'", "A", "name~=1.0",
    "name===anything.goes", "name !=1.5.*", "name[Extra_One,extra-one]", "", "name @", "name @ ", "1name",
]
WHEELS = [
    "pip-23.0-py3-none-any.whl", "Foo.Bar-1.0-py2.py3-none-any.whl", "foo_bar-1.0-1-py3-none-any.whl", "foo-1.0-1abc-cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "foo-1!1.0-py3-none-any.whl", "foo-1.0+local.1-py3-none-any.whl", "foo-1.0_1-py3-none-any.whl", "foo-bar-1.0-py3-none-any.whl", "foo-1.0-abc-py3-none-any.whl",
    "foo-1.0-py3-none.whl", "foo-1.0-py3-none-any.zip", "foo-x-py3-none-any.whl",
]


def attempt(errors, action):
    try:
        return action()
    except errors:
        return None


def evaluated(marker):
    try:
        return marker.evaluate(dict(ENVIRONMENT))
    except UndefinedComparison:
        return "undefined"


def main():
    good = [v for v in VERSIONS if attempt(InvalidVersion, lambda: Version(v))]
    sign = lambda a, b: "<=>"[(a > b) - (a < b) + 1]
    contains = lambda s: "".join("01"[s.contains(v, prereleases=True)] for v in good)
    requirement = lambda r: [canonicalize_name(r.name), sorted(set(map(canonicalize_name, r.extras))), len(r.specifier), r.url or "", r.marker is not None]
    wheel = lambda name, version, build, tags: [name, str(version), [str(part) for part in build], sorted(map(str, tags))]
    print(json.dumps({
        "packaging": importlib.metadata.version("packaging"),
        "valid": good,
        "versions": {v: attempt(InvalidVersion, lambda: [str(Version(v)), Version(v).is_prerelease]) for v in VERSIONS},
        "order": {a: "".join(sign(Version(a), Version(b)) for b in good) for a in good},
        "specifiers": {s: attempt(InvalidSpecifier, lambda: contains(SpecifierSet(s))) for s in SPECIFIERS},
        "environment": ENVIRONMENT,
        "markers": {m: attempt(InvalidMarker, lambda: evaluated(Marker(m))) for m in MARKERS},
        "requirements": {r: attempt(InvalidRequirement, lambda: requirement(Requirement(r))) for r in REQUIREMENTS},
        "wheels": {w: attempt(InvalidWheelFilename, lambda: wheel(*parse_wheel_filename(w))) for w in WHEELS},
    }, indent=0))


main()
