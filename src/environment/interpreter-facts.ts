/**
 * What is asked of an interpreter, in its own language. It runs with -I -S: isolated, and without `site`, whose .pth
 * files are code of the environment. Up to Python 3.13 that makes it forget its virtual environment, so the prefixes are
 * set from pyvenv.cfg before sysconfig is imported, as `site` would (PEP 405; 3.14 does it at start-up).
 *
 * Most commands begin with it, so CPython on Linux does without the modules json and platform: the regular expressions that
 * they compile take longer than all the rest.
 */
export const interpreterFactsScript = `
import os, sys
home = os.path.dirname(sys.executable)
for folder in (home, os.path.dirname(home)):
    if sys.prefix == sys.base_prefix and os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        sys.prefix = sys.exec_prefix = folder
        break
import sysconfig

def full_version(info):
    text = "{0.major}.{0.minor}.{0.micro}".format(info)
    return text if info.releaselevel == "final" else text + info.releaselevel[0] + str(info.serial)

def glibc():
    try:
        name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
        return [int(part) for part in version.split(".")[:2]] if name == "glibc" else None
    except (AttributeError, OSError, ValueError):
        return None

def musl():
    # The loader says its version when it is run without a program (PEP 656).
    import glob, re, subprocess
    for loader in glob.glob("/lib/ld-musl-*.so.1") if sys.platform == "linux" else []:
        said = subprocess.run([loader], stderr=subprocess.PIPE, timeout=5).stderr.decode("latin-1")
        found = re.search(r"Version (\\d+)\\.(\\d+)", said)
        if found:
            return [int(part) for part in found.groups()]

def scheme(key):
    if hasattr(sysconfig, "get_preferred_scheme"):
        return sysconfig.get_preferred_scheme(key)
    # Before Python 3.10.
    if key == "prefix":
        return "nt" if os.name == "nt" else "posix_prefix"
    is_framework = sys.platform == "darwin" and bool(getattr(sys, "_framework", ""))
    return "osx_framework_user" if is_framework else os.name + "_user"

def system_markers():
    if sys.platform == "linux" and sys.implementation.name == "cpython":
        system = os.uname()
        return {
            "platform_machine": system.machine,
            "platform_python_implementation": "CPython",
            "platform_release": system.release,
            "platform_system": system.sysname,
            "platform_version": system.version,
            "python_full_version": sys.version.split()[0],
        }
    import platform
    return {
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
    }

def macos():
    if sys.platform != "darwin":
        return None
    import platform
    return [int(part) for part in platform.mac_ver()[0].split(".")[:2]]

def to_json(value):
    if isinstance(value, dict):
        return "{" + ",".join(quoted(key) + ":" + to_json(item) for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(to_json(item) for item in value) + "]"
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)

try:
    from _json import encode_basestring_ascii as quoted
except ImportError:
    from json import dumps as quoted

bases = ("base", "platbase", "installed_base", "installed_platbase")
variables = sysconfig.get_config_vars()
libc = glibc()
markers = system_markers()
markers.update({
    "os_name": os.name,
    "sys_platform": sys.platform,
    "python_version": ".".join(markers["python_full_version"].split(".")[:2]),
    "implementation_name": sys.implementation.name,
    "implementation_version": full_version(sys.implementation.version),
})
print(to_json({
    "executable": sys.executable,
    "version": list(sys.version_info[:2]),
    "prefix": sys.prefix,
    "basePrefix": sys.base_prefix,
    "cacheTag": sys.implementation.cache_tag,
    "paths": sysconfig.get_paths(),
    "userBase": variables.get("userbase"),
    "userPaths": sysconfig.get_paths(scheme("user")),
    "prefixPaths": sysconfig.get_paths(scheme("prefix"), vars={base: "@prefix@" for base in bases}),
    "tags": {
        "implementation": sys.implementation.name,
        "debug": bool(variables.get("Py_DEBUG")),
        "freeThreaded": bool(variables.get("Py_GIL_DISABLED")),
        "soabi": variables.get("SOABI"),
        "platform": sysconfig.get_platform(),
        "glibc": libc,
        "musl": None if libc else musl(),
        "macos": macos(),
    },
    "markers": markers,
}))
`;
