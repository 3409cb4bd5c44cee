/** What an interpreter says of itself, as far as compatibility tags depend on it. */
export interface InterpreterTagFacts {
  /** `sys.implementation.name`: cpython, pypy, … */
  readonly implementation: string;
  /** Major and minor version of the language. */
  readonly version: readonly [number, number];
  /** `Py_DEBUG` and `Py_GIL_DISABLED` of sysconfig. */
  readonly debug: boolean;
  readonly freeThreaded: boolean;
  /** `SOABI` of sysconfig, such as `pypy310-pp73-x86_64-linux-gnu`; read for other implementations than CPython. */
  readonly soabi?: string;
  /** `sysconfig.get_platform()`: linux-x86_64, macosx-11.0-arm64, win-amd64. */
  readonly platform: string;
  /** Of the C library the interpreter is linked with; at most one of the two. */
  readonly glibc?: readonly [number, number];
  readonly musl?: readonly [number, number];
  /** Of the running macOS. */
  readonly macos?: readonly [number, number];
}

/** The tags that a compressed tag set stands for, in lower case, each once: `py2.py3-none-any` is two tags. */
export function expandTags(python: string, abi: string, platform: string): string[] {
  const parts = [python, abi, platform].map((part) => part.toLowerCase().split("."));
  const [pythons = [], abis = [], platforms = []] = parts;
  return [...new Set(pythons.flatMap((p) => abis.flatMap((a) => platforms.map((f) => `${p}-${a}-${f}`))))];
}

/**
 * The tags an interpreter takes, the most specific first, in the order of `packaging.tags.sys_tags` (PyPA: platform
 * compatibility tags; PEP 425, 600, 656).
 */
export function compatibleTags(facts: InterpreterTagFacts): readonly string[] {
  const platforms = platformTags(facts);
  const own = facts.implementation === "cpython" ? cpythonTags(facts, platforms) : genericTags(facts, platforms);
  return [...own, ...pureTags(facts, platforms)];
}

function cpythonTags(
  { version: [major, minor], debug, freeThreaded }: InterpreterTagFacts,
  platforms: readonly string[],
): string[] {
  const interpreter = `cp${major}${minor}`;
  const threading = freeThreaded ? "t" : "";
  const abis = debug ? [`${interpreter}${threading}d`, `${interpreter}${threading}`] : [`${interpreter}${threading}`];
  // Free-threaded builds have a stable ABI of their own (PEP 803).
  const stable = `abi3${threading}`;
  const older = countDown(minor - 1, 2).map((earlier) => `cp${major}${earlier}`);
  return [
    ...[...abis, stable, "none"].flatMap((abi) => platforms.map((platform) => `${interpreter}-${abi}-${platform}`)),
    ...older.flatMap((earlier) => platforms.map((platform) => `${earlier}-${stable}-${platform}`)),
  ];
}

/** PyPy's ABI is in SOABI: `pypy310-pp73-x86_64-linux-gnu` has `pypy310_pp73`. */
function genericTags(
  { implementation, version: [major, minor], soabi = "" }: InterpreterTagFacts,
  platforms: readonly string[],
): string[] {
  const interpreter = `${shortName(implementation)}${major}${minor}`;
  const abi = soabi.split("-").slice(0, 2).join("_");
  const abis = abi === "" ? ["none"] : [abi, "none"];
  return abis.flatMap((name) => platforms.map((platform) => `${interpreter}-${name}-${platform}`));
}

function pureTags(
  { implementation, version: [major, minor] }: InterpreterTagFacts,
  platforms: readonly string[],
): string[] {
  const pythons = [
    `py${major}${minor}`,
    `py${major}`,
    ...countDown(minor - 1, 0).map((earlier) => `py${major}${earlier}`),
  ];
  const interpreter =
    implementation === "pypy" ? `pp${major}` : implementation === "cpython" ? `cp${major}${minor}` : undefined;
  return [
    ...pythons.flatMap((python) => platforms.map((platform) => `${python}-none-${platform}`)),
    ...(interpreter === undefined ? [] : [`${interpreter}-none-any`]),
    ...pythons.map((python) => `${python}-none-any`),
  ];
}

function shortName(implementation: string): string {
  const names: Readonly<Record<string, string>> = { pypy: "pp", ironpython: "ip", jython: "jy" };
  return names[implementation] ?? implementation;
}

function platformTags(facts: InterpreterTagFacts): string[] {
  const own = facts.platform.replace(/[-. ]/g, "_");
  if (facts.platform.startsWith("linux-")) return linuxPlatforms(own.slice("linux_".length), facts);
  if (facts.platform.startsWith("macosx-"))
    return macPlatforms(facts.platform.split("-").at(-1) ?? "", facts.macos ?? [10, 0]);
  return [own];
}

function linuxPlatforms(machine: string, { glibc, musl }: InterpreterTagFacts): string[] {
  const machines = machine === "armv8l" ? ["armv8l", "armv7l"] : [machine];
  return [
    ...(glibc === undefined ? [] : machines.flatMap((arch) => manylinux(arch, glibc))),
    ...(musl === undefined
      ? []
      : machines.flatMap((arch) => countDown(musl[1], 0).map((minor) => `musllinux_${musl[0]}_${minor}_${arch}`))),
    ...machines.map((arch) => `linux_${arch}`),
  ];
}

/** Names from before PEP 600, each with the glibc 2 minor it stands for. */
const legacyManylinux: Readonly<Record<number, string>> = { 17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1" };

function manylinux(machine: string, [major, minor]: readonly [number, number]): string[] {
  if (major !== 2) return [];
  const oldest = machine === "x86_64" || machine === "i686" ? 5 : 17;
  return countDown(minor, oldest).flatMap((version) => {
    const legacy = legacyManylinux[version];
    return [`manylinux_2_${version}_${machine}`, ...(legacy === undefined ? [] : [`${legacy}_${machine}`])];
  });
}

/** PEP 425 for macOS: 10.x by minor, from 11 on by major. An x86_64 system of 11 and later runs what was built for 10.x. */
function macPlatforms(machine: string, [major, minor]: readonly [number, number]): string[] {
  const tagsFor = (version: string, formats: readonly string[]) =>
    formats.map((format) => `macosx_${version}_${format}`);
  const formats = macFormats(machine);
  if (major === 10) return countDown(minor, 4).flatMap((earlier) => tagsFor(`10_${earlier}`, formats));
  const compatible = machine === "x86_64" ? formats : ["universal2"];
  return [
    ...countDown(major, 11).flatMap((earlier) => tagsFor(`${earlier}_0`, formats)),
    ...countDown(16, 4).flatMap((earlier) => tagsFor(`10_${earlier}`, compatible)),
  ];
}

function macFormats(machine: string): string[] {
  if (machine === "x86_64") return ["x86_64", "intel", "fat64", "fat32", "universal2", "universal"];
  return machine === "arm64" ? ["arm64", "universal2"] : [machine];
}

/** Whole numbers from `from` down to `to`, both included. */
function countDown(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, at) => from - at);
}
