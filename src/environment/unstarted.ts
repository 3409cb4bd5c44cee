import { existsSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { MarkerEnvironment } from "../distribution/marker.ts";
import { EnvironmentError } from "../errors.ts";
import { readIfRegular } from "./read-file.ts";

/** An environment as its files tell of it: its interpreter is never started. */
export interface UnstartedEnvironment {
  /** As messages name it. */
  readonly label: string;
  /** The folders of importable packages, absolute. */
  readonly sites: readonly string[];
  /** Markers for dependencies: the version of Python from pyvenv.cfg or the folder's name, the rest from this machine. */
  readonly markers: MarkerEnvironment;
  readonly venv?: Venv;
}

/** What is known of a virtual environment beside its packages (PEP 405). Paths are absolute. */
export interface Venv {
  readonly root: string;
  readonly scripts: string;
  /** Where the interpreter is that it was made from: `home` of pyvenv.cfg. */
  readonly home?: string;
  /** Whether packages of that interpreter can be imported as well. */
  readonly seesSystemSites: boolean;
}

/** What of this machine stands in markers, as far as Node knows it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/**
 * Finds the packages of a virtual environment.
 * @throws EnvironmentError `not-a-venv`
 */
export async function findVenv(directory: string, label: string, machine: Machine): Promise<UnstartedEnvironment> {
  const settings = readConfiguration(directory, label);
  const posix = (await Promise.all((await libraries(directory)).map(sitesIn))).flat();
  const sites = posix.length > 0 ? posix : [join(directory, "Lib", "site-packages")];
  if (!sites.some((site) => existsSync(site))) throw notAVenv(label, "site-packages");
  const version = /^3\.\d+(?:\.\d+)?/.exec(first(settings, "version", "version_info") ?? "")?.[0];
  const home = first(settings, "home");
  const venv = {
    root: directory,
    scripts: join(directory, posix.length > 0 ? "bin" : "Scripts"),
    seesSystemSites: seesSystemSites(settings),
    ...(home !== undefined && { home }),
  };
  return { label, sites, markers: markersFor(version ?? (await versionOf(sites[0] ?? "")), machine), venv };
}

type Settings = readonly (readonly [name: string, value: string])[];

/** The lines of pyvenv.cfg as Python reads them (site module): names in any case, blanks around names and values. */
function readConfiguration(directory: string, label: string): Settings {
  const text = readIfRegular(join(directory, "pyvenv.cfg"))?.bytes.toString("utf8");
  if (text === undefined) throw notAVenv(label, "pyvenv.cfg");
  return text.split(/\r\n|\r|\n/).flatMap((line) => {
    const at = line.indexOf("=");
    return at === -1 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const];
  });
}

/** Of a setting that is there twice, the interpreter goes by the first. */
function first(settings: Settings, ...names: readonly string[]): string | undefined {
  return settings.find(([name]) => names.includes(name))?.[1] || undefined;
}

/** And the site module by the last; without any, by `true` (Lib/site.py). */
function seesSystemSites(settings: Settings): boolean {
  const last = settings.findLast(([name]) => name === "include-system-site-packages");
  return (last?.[1] ?? "true").toLowerCase() === "true";
}

function notAVenv(label: string, missing: string): EnvironmentError {
  return new EnvironmentError("not-a-venv", `"${label}" is no virtual environment: it has no ${missing}`, {
    hint: "Name a folder of importable packages with --path",
  });
}

/** `lib`; and `lib64`, where some systems' Python looks first, when it is more than the usual link to it. */
async function libraries(directory: string): Promise<string[]> {
  const [lib, lib64] = [join(directory, "lib"), join(directory, "lib64")];
  const [target, target64] = await Promise.all([lib, lib64].map((folder) => realpath(folder).catch(() => undefined)));
  return target64 === undefined || target64 === target ? [lib] : [lib, lib64];
}

async function sitesIn(library: string): Promise<string[]> {
  const versions = (await names(library)).filter((name) => /^(?:python|pypy)3/.test(name)).sort();
  return versions.map((name) => join(library, name, "site-packages"));
}

/**
 * A folder of importable packages.
 * @throws EnvironmentError `no-environment`
 */
export async function findSite(site: string, label: string, machine: Machine): Promise<UnstartedEnvironment> {
  await readdir(site).catch(() => {
    throw new EnvironmentError("no-environment", `There is no folder "${label}"`);
  });
  return { label, sites: [site], markers: markersFor(await versionOf(site), machine) };
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** What markers are evaluated for where nothing tells the version of Python. */
export const newestPython = "3.14";

/** By the folder's name, as `…/python3.11/site-packages`; else by what was compiled for it, as `x.cpython-311.pyc`. */
async function versionOf(site: string): Promise<string> {
  const named = /^(?:python|pypy)(3\.\d+)/.exec(basename(dirname(site)))?.[1];
  if (named !== undefined) return named;
  const top = await names(site);
  const below = await Promise.all(
    top.map(async (name) => [...(await names(join(site, name))), ...(await names(join(site, name, "__pycache__")))]),
  );
  const minors = [...top, ...below.flat()].flatMap((name) => /\.cpython-3(\d+)t?\b/.exec(name)?.[1] ?? []);
  return minors[0] === undefined ? newestPython : `3.${minors[0]}`;
}

/** Markers as far as they are known without an interpreter. @param version of Python, `3.13` or `3.13.1` */
export function markersFor(version: string, { platform, arch }: Machine): MarkerEnvironment {
  const systems: Readonly<Record<string, string>> = { linux: "Linux", darwin: "Darwin", win32: "Windows" };
  const machines: Readonly<Record<string, string>> = { x64: platform === "win32" ? "AMD64" : "x86_64" };
  const arm = platform === "linux" ? "aarch64" : "arm64";
  return {
    os_name: platform === "win32" ? "nt" : "posix",
    sys_platform: platform,
    platform_machine: machines[arch] ?? (arch === "arm64" ? arm : arch),
    platform_python_implementation: "CPython",
    platform_release: "",
    platform_system: systems[platform] ?? "",
    platform_version: "",
    python_version: version.split(".").slice(0, 2).join("."),
    python_full_version: version,
    implementation_name: "cpython",
    implementation_version: version,
  };
}
