/**
 * What is asked of an interpreter, in its own language. It runs with -I -S: isolated, and without `site`, whose .pth
 * files are code of the environment. Up to Python 3.13 that makes it forget its virtual environment, so the prefixes are
 * set from pyvenv.cfg before sysconfig is imported, as `site` would (PEP 405; 3.14 does it at start-up).
 */
export const interpreterFactsScript = `
import json, os, sys
home = os.path.dirname(sys.executable)
for folder in (home, os.path.dirname(home)):
    if sys.prefix == sys.base_prefix and os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        sys.prefix = sys.exec_prefix = folder
        break
import platform, sysconfig

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

bases = ("base", "platbase", "installed_base", "installed_platbase")
variables = sysconfig.get_config_vars()
libc = glibc()
mac = platform.mac_ver()[0].split(".")[:2] if sys.platform == "darwin" else None
print(json.dumps({
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
        "macos": [int(part) for part in mac] if mac else None,
    },
    "markers": {
        "os_name": os.name,
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "python_full_version": platform.python_version(),
        "implementation_name": sys.implementation.name,
        "implementation_version": full_version(sys.implementation.version),
    },
}))
`;
