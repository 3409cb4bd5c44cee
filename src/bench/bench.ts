import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { manyEnvironmentsCase, sbomCases } from "./environments.ts";
import { type Case, measure, type Outcome } from "./harness.ts";
import { installCases, largestWheels } from "./install-cases.ts";
import { lockGateCase } from "./lock-gate.ts";

/**
 * `npm run bench`: ratios to peers, each in one run with them (docs/benchmarks.md says what each case means). Peers are
 * installed into environments of their own below `.bench/`, which stays for the next run.
 */
const root = new URL("../../", import.meta.url).pathname;
const home = join(root, ".bench");
const work = mkdtempSync(join(tmpdir(), "tspip-bench-"));
const tspip = [process.execPath, join(root, "src/launcher.cjs")] as const;
const rounds = Number(process.env.TSPIP_BENCH_ROUNDS ?? 7);

/** `npm run bench -- GROUP` measures one group; what the others need is not fetched. */
const [only] = process.argv.slice(2);

/** Versions of the peers, so that figures can be compared later. */
const peers = {
  "pypi-attestations": "0.0.30",
  "cyclonedx-bom": "7.5.0",
  uv: "0.13.8",
  pip: "26.3",
  installer: "0.7.0",
} as const;

/** Much-used projects, large and small, of 26,000 files; their newest wheels for this Python are taken once and kept. */
const projects =
  "boto3 botocore urllib3 requests setuptools certifi charset-normalizer idna typing-extensions packaging python-dateutil numpy s3transfer pyyaml six pydantic cryptography cffi pandas click jinja2 markupsafe attrs protobuf pytz colorama jmespath sqlalchemy scipy matplotlib pillow lxml aiohttp scikit-learn django flask fastapi uvicorn rich pytest mypy black ruff jedi babel pyarrow fonttools tzdata pygments".split(
    " ",
  );

const groups: Readonly<Record<string, () => Case[] | Promise<Case[]>>> = {
  start: () => [startCase()],
  attestations: attestationCases,
  wheels: () => installCases(work, { tspip, environment, root }),
  requirements: () => [resolveCase()],
  bootstrap: () => [bootstrapCase()],
  environments: environmentCases,
  "lock-gate": async () => [await lockGateCase(work, tspip)],
};

try {
  if (only !== undefined && only !== "memory" && groups[only] === undefined)
    throw new Error(`There is no group "${only}", only ${Object.keys(groups).join(", ")} and memory`);
  for (const [group, make] of Object.entries(groups)) {
    if (only === undefined || only === group)
      await attempt(group, async () => (await make()).map(isMet).every(Boolean));
  }
  if (only === undefined || only === "memory")
    await attempt("memory", () => memoryCases().map(isMemoryMet).every(Boolean));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** What cannot be had for one group (a wheel that the index lost) leaves the others to be measured. */
async function attempt(group: string, measured: () => boolean | Promise<boolean>): Promise<void> {
  try {
    if (!(await measured())) process.exitCode = 1;
  } catch (error) {
    process.stdout.write(`${group}: could not be measured: ${messageOf(error).slice(0, 300)}\n`);
    process.exitCode = 1;
  }
}

function isMet(each: Case): boolean {
  const outcome = measure(each, rounds);
  process.stdout.write(`${line(outcome)}\n`);
  return outcome.median <= outcome.bar;
}

function isMemoryMet({ name, bar, argv }: MemoryCase): boolean {
  const peak = peakMemory(argv);
  process.stdout.write(`${name}: ${peak} MB, bar ${bar} MB ${peak <= bar ? "met" : "MISSED"}\n`);
  return peak <= bar;
}

function line({ name, bar, ratios, median, ours, peer }: Outcome): string {
  const spread = `${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)}`;
  const verdict = median <= bar ? "met" : "MISSED";
  return `${name}: ${median.toFixed(2)} (${spread}), bar ${bar.toFixed(2)} ${verdict}; ${ours.toFixed(2)} s against ${peer.toFixed(2)} s`;
}

function startCase(): Case {
  return {
    name: "start: tspip --version / pip --version",
    bar: 0.4,
    ours: { argv: [...tspip, "--version"] },
    peer: { argv: ["python3", "-m", "pip", "--version"] },
  };
}

/** One file in many folders: no other attestation of one signer is at hand whose root the peer knows. */
function attested(count: number): string[] {
  return Array.from({ length: count }, (_, at) => attestedWheel(`attested/${at}`));
}

/** A real wheel with its attestation. @returns its path */
function attestedWheel(folder: string, bend: (attestation: string) => string = (text) => text): string {
  const file = "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl";
  const at = join(work, folder);
  mkdirSync(at, { recursive: true });
  copyFileSync(join(root, "testdata/real", file), join(at, file));
  const attestation = readFileSync(join(root, "testdata/real", `${file}.publish.attestation`), "utf8");
  writeFileSync(join(at, `${file}.publish.attestation`), bend(attestation));
  return join(at, file);
}

function attestationCases(): Case[] {
  const signer =
    "https://circleci.com/api/v2/projects/fdd9283f-e619-46af-8f9c-851f7d3e8b2b/pipeline-definitions/8e4f8ab2-8d7c-4827-9f15-de076d6d647f";
  const thousand = attested(1000);
  const files = thousand.slice(0, 100);
  const [one = ""] = files;
  const bent = attestedWheel("tampered", (text) =>
    text.replace(/"signature":\s*"(.)/, (_, letter) => `"signature":"${letter === "A" ? "B" : "A"}`),
  );
  const verify = join(environment("pypi-attestations"), "bin/pypi-attestations");
  const withSigstore = join(root, "src/bench/verify_with_sigstore.py");
  const peer = (wheels: readonly string[]) =>
    [verify, "verify", "attestation", "--offline", "--identity", signer, ...wheels] as const;
  const twin = { argv: [...tspip, "verify", bent] } as const;
  return [
    {
      name: "100 attestations / pypi-attestations",
      bar: 0.3,
      ours: { argv: [...tspip, "verify", ...files] },
      peer: { argv: peer(files) },
      twin,
    },
    {
      name: "1,000 attestations / sigstore-python with one verifier",
      bar: 0.6,
      ours: { argv: [...tspip, "verify", ...thousand] },
      peer: { argv: [join(environment("pypi-attestations"), "bin/python"), withSigstore, ...thousand] },
      twin,
    },
    {
      name: "one attestation / pypi-attestations",
      bar: 0.15,
      ours: { argv: [...tspip, "verify", one] },
      peer: { argv: peer([one]) },
      twin,
    },
  ];
}

/** What a process may hold at most, in MB. */
interface MemoryCase {
  readonly name: string;
  readonly bar: number;
  readonly argv: readonly string[];
}

function memoryCases(): MemoryCase[] {
  const install = [...tspip, "install", "--offline", "--no-deps", "--venv", join(work, "memory"), ...largestWheels()];
  return [
    { name: "peak memory for 1,000 attestations", bar: 150, argv: [...tspip, "verify", ...attested(1000)] },
    { name: "peak memory of an install of 100 wheels", bar: 350, argv: install },
  ];
}

/** The most memory that a process of a command holds, in MB, with the cache being filled. */
function peakMemory(argv: readonly string[]): number {
  const printed = execFileSync("python3", [join(root, "src/bench/peak_memory.py"), ...argv], {
    encoding: "utf8",
    env: { ...process.env, TSPIP_CACHE_DIR: join(work, "memory-cache") },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Math.round((Number(printed) * 1024) / 1e6);
}

/** Ten open requirements, chosen and installed from the configured index without anything kept from before. */
function resolveCase(): Case {
  const asked = "flask requests fastapi pandas boto3 jinja2 rich httpx pytest click".split(" ");
  const uv = join(environment("uv"), "bin/uv");
  const path = `${join(environment("uv"), "bin")}:${process.env.PATH}`;
  const fresh = (folder: string) => () => {
    rmSync(join(work, folder), { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", "--without-pip", join(work, folder)]);
  };
  return {
    name: "10 requirements, chosen and installed cold / uv",
    bar: 1.5,
    ours: {
      argv: ["env", `PATH=${path}`, ...tspip, "install", "--no-cache-dir", "--venv", join(work, "chosen"), ...asked],
      prepare: fresh("chosen"),
    },
    peer: {
      argv: [uv, "pip", "install", "--no-cache", "-p", join(work, "uv-chosen/bin/python"), ...asked],
      prepare: fresh("uv-chosen"),
    },
  };
}

/** A pip from the configured index, in an environment without one, with nothing kept from before. */
function bootstrapCase(): Case {
  const [ours, theirs] = [join(work, "bootstrapped"), join(work, "ensured")];
  const fresh = (at: string) => () => {
    rmSync(at, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", "--without-pip", at]);
  };
  const python = join(theirs, "bin/python");
  const ensured = `"${python}" -m ensurepip && "${python}" -m pip install --no-cache-dir --upgrade pip`;
  return {
    name: "a verified pip, cold / ensurepip and pip install --upgrade pip",
    bar: 1,
    ours: { argv: [...tspip, "bootstrap", "--no-cache-dir", "--venv", ours], prepare: fresh(ours) },
    peer: { argv: ["sh", "-c", ensured], prepare: fresh(theirs) },
  };
}

/** Both look at one environment with all the wheels in it. */
function environmentCases(): Case[] {
  const venv = join(work, "installed");
  execFileSync(tspip[0], [tspip[1], "install", "--no-deps", "--venv", venv, ...wheelhouse()], { stdio: "ignore" });
  const cyclonedx = join(environment("cyclonedx-bom"), "bin/cyclonedx-py");
  return [
    {
      name: "SBOM of an environment / cyclonedx-py",
      bar: 0.05,
      ours: { argv: [...tspip, "ext", "sbom", "--venv", venv, "-o", join(work, "ours.json")] },
      peer: { argv: [cyclonedx, "environment", join(venv, "bin/python"), "-o", join(work, "theirs.json")] },
    },
    {
      name: "audit of an environment / a Python script that hashes its files",
      bar: 0.65,
      ours: { argv: [...tspip, "audit", "--venv", venv] },
      peer: { argv: ["python3", join(root, "src/bench/hash_environment.py"), venv] },
    },
    ...sbomCases(work, tspip, cyclonedx),
    manyEnvironmentsCase(work, tspip),
  ];
}

/** A peer in an environment of its own. */
function environment(name: keyof typeof peers): string {
  const at = join(home, name);
  if (existsSync(join(at, "installed"))) return at;
  execFileSync("python3", ["-m", "venv", at]);
  execFileSync(join(at, "bin/python"), ["-m", "pip", "install", "-q", `${name}==${peers[name]}`], { stdio: "inherit" });
  writeFileSync(join(at, "installed"), peers[name]);
  return at;
}

function wheelhouse(): string[] {
  const at = join(home, "wheels");
  mkdirSync(at, { recursive: true });
  if (readdirSync(at).length < projects.length) {
    execFileSync(
      "python3",
      ["-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", at, ...projects],
      { stdio: "inherit" },
    );
  }
  return readdirSync(at)
    .filter((name) => name.endsWith(".whl"))
    .map((name) => join(at, name));
}
