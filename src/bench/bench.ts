import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { cosignCases } from "./cosign.ts";
import { manyEnvironmentsCase, sbomCases } from "./environments.ts";
import { type Case, isMet, measure, type Outcome } from "./harness.ts";
import { installCases } from "./install-cases.ts";
import { lockGateCases } from "./lock-gate.ts";
import { line, withTable } from "./report.ts";
import { runCase } from "./run-case.ts";

/**
 * `npm run bench`: ratios to peers, each in one run with them (docs/benchmarks.md says what each case means, and gets their
 * table). Peers are installed into environments of their own below `.bench/`, which stays for the next run.
 */
const root = new URL("../../", import.meta.url).pathname;
const page = join(root, "docs/benchmarks.md");
const home = join(root, ".bench");
const work = mkdtempSync(join(tmpdir(), "tspip-bench-"));
const tspip = [process.execPath, join(root, "src/launcher.cjs")] as const;
const rounds = Number(process.env.TSPIP_BENCH_ROUNDS ?? 7);

const [startLoad = 0] = loadavg();

/** `npm run bench -- GROUP` measures one group; what the others need is not fetched. */
const [only] = process.argv.slice(2);

/** Versions of the peers, so that figures can be compared later. */
const peers = {
  "pypi-attestations": "0.0.30",
  "cyclonedx-bom": "7.5.0",
  uv: "0.13.8",
  pip: "26.3",
  installer: "1.1.0",
  "pip-audit": "2.10.1",
} as const;

/** Those written in Go, as their modules. */
const goPeers = {
  syft: "github.com/anchore/syft/cmd/syft@v1.38.0",
  cosign: "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3",
} as const;

/** Much-used projects, large and small, of 26,000 files; their newest wheels for this Python are taken once and kept. */
const projects =
  "boto3 botocore urllib3 requests setuptools certifi charset-normalizer idna typing-extensions packaging python-dateutil numpy s3transfer pyyaml six pydantic cryptography cffi pandas click jinja2 markupsafe attrs protobuf pytz colorama jmespath sqlalchemy scipy matplotlib pillow lxml aiohttp scikit-learn django flask fastapi uvicorn rich pytest mypy black ruff jedi babel pyarrow fonttools tzdata pygments".split(
    " ",
  );

const groups: Readonly<Record<string, () => Case[] | Promise<Case[]>>> = {
  start: () => [startCase()],
  attestations: attestationCases,
  cosign: () => withGo("cosign", (cosign) => cosignCases(work, root, tspip, cosign)),
  wheels: () => installCases(work, { tspip, environment, root }),
  run: () => [runCase(work, tspip, join(environment("uv"), "bin/uv"))],
  requirements: () => [resolveCase()],
  bootstrap: () => [bootstrapCase()],
  environments: environmentCases,
  vulnerabilities: () => [vulnerabilityCase()],
  "lock-gate": () => lockGateCases(work, tspip),
};

/** Bars of one process, without a peer: scripts of their own, which print and judge. */
const scripts = ["judge", "signatures"] as const;

const outcomes: Outcome[] = [];
try {
  const names = [...Object.keys(groups), ...scripts];
  if (only !== undefined && !names.includes(only))
    throw new Error(`There is no group "${only}", only ${names.join(", ")}`);
  for (const [group, make] of Object.entries(groups))
    if (only === undefined || only === group)
      await attempt(group, async () => (await make()).map(measured).every(Boolean));
  for (const script of scripts)
    if (only === undefined || only === script) await attempt(script, () => isScriptMet(script));
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(page, withTable(readFileSync(page, "utf8"), outcomes, { day, machine: machine() }));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function machine(): string {
  const python = execFileSync("python3", ["-c", "import platform; print(platform.python_version())"], {
    encoding: "utf8",
  });
  const goVersions = Object.entries(goPeers).map(([name, module]) => [name, module.split("@v")[1]] as const);
  const versions = [...Object.entries(peers), ...goVersions].map(([name, of]) => `${name} ${of}`);
  return [
    `${availableParallelism()} processors, of which others asked for ${startLoad.toFixed(1)} at the start`,
    `Node.js ${process.versions.node}`,
    `Python ${python.trim()}`,
    ...versions,
    `${rounds} rounds`,
  ].join(", ");
}

/** What cannot be had for one group (a wheel that the index lost) leaves the others to be measured. */
async function attempt(group: string, areMet: () => boolean | Promise<boolean>): Promise<void> {
  try {
    if (!(await areMet())) process.exitCode = 1;
  } catch (error) {
    process.stdout.write(`${group}: could not be measured: ${messageOf(error).slice(0, 300)}\n`);
    process.exitCode = 1;
  }
}

function measured(each: Case): boolean {
  const outcome = measure(each, rounds);
  outcomes.push(outcome);
  process.stdout.write(`${line(outcome)}\n`);
  return isMet(outcome);
}

function isScriptMet(name: string): boolean {
  return spawnSync(process.execPath, [join(root, `src/bench/${name}.ts`)], { stdio: "inherit" }).status === 0;
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
  const peer = (wheels: readonly string[]) =>
    [verify, "verify", "attestation", "--offline", "--identity", signer, ...wheels] as const;
  const twin = { argv: [...tspip, "verify", bent] } as const;
  const withSigstore = (wheels: readonly string[]) =>
    [
      join(environment("pypi-attestations"), "bin/python"),
      join(root, "src/bench/verify_with_sigstore.py"),
      ...wheels,
    ] as const;
  return [
    {
      name: "100 attestations / pypi-attestations",
      bar: 0.3,
      ours: { argv: [...tspip, "verify", ...files] },
      peer: { argv: peer(files) },
      twin,
      peerTwin: { argv: peer([bent]) },
    },
    {
      name: "1,000 attestations / sigstore-python with one verifier",
      bar: 0.6,
      memoryBar: 150,
      ours: { argv: [...tspip, "verify", ...thousand] },
      peer: { argv: withSigstore(thousand) },
      twin,
      peerTwin: { argv: withSigstore([bent]) },
    },
    {
      name: "one attestation / pypi-attestations",
      bar: 0.15,
      ours: { argv: [...tspip, "verify", one] },
      peer: { argv: peer([one]) },
      twin,
      peerTwin: { argv: peer([bent]) },
    },
  ];
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
  const otherHash = join(work, "other-hash.txt");
  writeFileSync(otherHash, `idna==3.10 --hash=sha256:${"0".repeat(64)}\n`);
  return {
    name: "10 requirements, chosen and installed cold / uv",
    bar: 1.5,
    twin: {
      argv: [...tspip, "install", "--no-cache-dir", "--venv", join(work, "chosen"), "-r", otherHash],
      prepare: fresh("chosen"),
    },
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
  const { filename, bytes } = makeWheel({ name: "pip", version: "26.3" });
  const noPip = join(work, filename);
  writeFileSync(noPip, bytes);
  return {
    twin: { argv: [...tspip, "bootstrap", "--wheel", noPip, "--venv", ours], prepare: fresh(ours) },
    name: "a verified pip, cold / ensurepip and pip install --upgrade pip",
    bar: 1,
    ours: { argv: [...tspip, "bootstrap", "--no-cache-dir", "--venv", ours], prepare: fresh(ours) },
    peer: { argv: ["sh", "-c", ensured], prepare: fresh(theirs) },
  };
}

/** An environment with all the wheels of the wheelhouse in it. */
function installed(name: string): string {
  const venv = join(work, name);
  execFileSync(tspip[0], [tspip[1], "install", "--no-deps", "--venv", venv, ...wheelhouse()], { stdio: "ignore" });
  return venv;
}

/** Both look at one environment. */
function environmentCases(): Case[] {
  const venv = installed("installed");
  const tampered = join(work, "tampered");
  cpSync(venv, tampered, { recursive: true, verbatimSymlinks: true });
  const [changed = ""] = globSync("lib/python*/site-packages/requests/api.py", { cwd: tampered });
  appendFileSync(join(tampered, changed), "# changed\n");
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
      twin: { argv: [...tspip, "audit", "--venv", tampered] },
    },
    ...sbomCases(work, tspip, { cyclonedx, syft: builtByGo("syft") }),
    manyEnvironmentsCase(work, tspip),
  ];
}

/**
 * Known vulnerabilities of an environment: ours from advisories that lie there, as many as osv.dev's export for PyPI has;
 * the peer asks a service, as it is made to.
 */
function vulnerabilityCase(): Case {
  const venv = installed("looked-at");
  const [site = ""] = globSync(join(venv, "lib/python*/site-packages"));
  const export_ = (folder: string, affected: string) => {
    mkdirSync(join(work, folder));
    for (let at = 0; at < 15_000; at++)
      writeFileSync(
        join(work, folder, `PYSEC-2026-${at}.json`),
        advisory(`PYSEC-2026-${at}`, at === 7 ? affected : `other${at}`),
      );
    return join(work, folder);
  };
  const audit = join(environment("pip-audit"), "bin/pip-audit");
  return {
    name: "known vulnerabilities, 15,000 advisories / pip-audit, which asks a service",
    bar: 1,
    ours: { argv: [...tspip, "audit", "--venv", venv, "--osv", export_("advisories", "nothing")] },
    // It ends with 1 when it knows of one.
    peer: { argv: ["sh", "-c", '"$0" --path "$1" || [ $? = 1 ]', audit, site] },
    twin: { argv: [...tspip, "audit", "--venv", venv, "--osv", export_("advisories-of-requests", "requests")] },
  };
}

function advisory(id: string, name: string): string {
  const affected = [
    { package: { ecosystem: "PyPI", name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }] },
  ];
  const details = "What somebody wrote about it. ".repeat(30);
  return JSON.stringify({ schema_version: "1.7.0", id, modified: "2026-11-01T00:00:00Z", details, affected });
}

/** A peer in an environment of its own. */
function environment(name: keyof typeof peers): string {
  const at = join(home, name);
  const mark = join(at, "installed");
  if (existsSync(mark) && readFileSync(mark, "utf8") === peers[name]) return at;
  execFileSync("python3", ["-m", "venv", "--clear", at]);
  execFileSync(join(at, "bin/python"), ["-m", "pip", "install", "-q", `${name}==${peers[name]}`], { stdio: "inherit" });
  writeFileSync(mark, peers[name]);
  return at;
}

/** What is measured with a peer that takes Go to build; nothing where there is none. */
function withGo(name: keyof typeof goPeers, cases: (program: string) => Case[]): Case[] {
  const program = builtByGo(name);
  return program === undefined ? [] : cases(program);
}

/** Built once, which takes a while, where there is a Go to build it. @returns its path */
function builtByGo(name: keyof typeof goPeers): string | undefined {
  const module = goPeers[name];
  const bin = join(home, "go", name, module.split("@")[1] ?? "");
  const program = join(bin, name);
  const env = { ...process.env, GOBIN: bin };
  if (existsSync(program) || spawnSync("go", ["install", module], { env, stdio: "inherit" }).status === 0)
    return program;
  process.stdout.write(`There is no Go to build ${name} with: it is not compared with\n`);
  return undefined;
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
