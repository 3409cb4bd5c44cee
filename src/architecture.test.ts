import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** Who may import whom. docs/architecture.md shows this table; this test keeps both true. */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  encoding: [],
  "own-file": [],
  turns: [],
  distribution: ["errors"],
  trust: ["encoding", "distribution", "errors"],
  wheel: ["encoding", "distribution", "errors"],
  attestation: ["encoding", "distribution", "trust", "errors"],
  signature: ["encoding", "distribution", "trust", "errors"],
  keyring: ["encoding", "distribution", "trust", "signature", "package-index", "trust-store", "memory", "errors"],
  summary: ["encoding", "distribution", "trust", "attestation", "signature", "errors"],
  verdict: ["distribution", "trust", "errors"],
  policy: ["encoding", "distribution", "trust", "verdict", "errors"],
  threads: ["distribution", "own-file", "errors"],
  "package-index": ["encoding", "distribution", "wheel", "memory", "threads", "turns", "errors"],
  "trust-store": ["distribution", "trust", "memory", "package-index", "errors"],
  environment: ["distribution", "wheel", "verdict", "errors"],
  memory: ["errors"],
  unpack: ["distribution", "wheel", "errors"],
  install: ["distribution", "wheel", "verdict", "environment", "memory", "unpack", "errors"],
  plugins: ["encoding", "distribution", "wheel", "verdict", "turns", "errors"],
  inspect: [
    "distribution",
    "trust",
    "wheel",
    "attestation",
    "signature",
    "keyring",
    "summary",
    "verdict",
    "policy",
    "memory",
    "threads",
    "package-index",
    "unpack",
    "plugins",
    "errors",
  ],
  proxy: ["distribution", "wheel", "verdict", "memory", "package-index", "errors"],
  service: ["encoding", "inspect", "proxy", "memory", "package-index", "turns", "errors"],
  resolve: ["distribution", "errors"],
  clients: ["encoding", "distribution", "errors"],
  bundle: ["encoding", "distribution", "trust", "wheel", "signature", "package-index", "errors"],
  plan: ["encoding", "distribution", "trust", "package-index", "errors"],
  bootstrap: ["distribution", "plan", "errors"],
  publish: ["distribution", "wheel", "package-index", "errors"],
  audit: ["encoding", "distribution", "wheel", "verdict", "threads", "environment", "plan", "errors"],
  sbom: ["encoding", "distribution", "wheel", "verdict", "environment", "errors"],
};
/** cli composes everything but test helpers; testing may use everything. */
const unbounded = ["cli", "main", "testing", "bench", "packaging"];

/** Levels 0 to 2 open no file, socket or clock; `errors`, `verdict` and `policy` are pure too. */
const pure = [
  "errors",
  "encoding",
  "distribution",
  "trust",
  "wheel",
  "attestation",
  "signature",
  "summary",
  "verdict",
  "policy",
  "sbom",
];
const effects = /^node:(?:fs|net|http|https|http2|tls|dns|child_process|worker_threads|process|os)(?:\/|$)/;

const source = new URL("./", import.meta.url);
const importing = /^(?:import|export)\s(?<clause>[^;]*?)from\s+"(?<specifier>[^"]+)"|import\("(?<lazy>[^"]+)"\)/gm;

interface Import {
  readonly from: URL;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

for (const [folder, allowed] of Object.entries(mayImport)) {
  test(`${folder} imports only ${allowed.join(", ") || "nothing of ours"}`, () => {
    for (const { from, specifier } of importsOf(folder)) {
      if (!specifier.startsWith(".")) continue;
      const imported = folderOf(new URL(specifier, from));
      assert.ok(imported === folder || allowed.includes(imported), `${nameOf(from)} imports ${imported}`);
    }
  });
}

test("what a folder may import, it imports", () => {
  for (const [folder, allowed] of Object.entries(mayImport)) {
    const local = importsOf(folder).filter(({ specifier }) => specifier.startsWith("."));
    const imported = new Set(local.map(({ from, specifier }) => folderOf(new URL(specifier, from))));
    // Every folder has errors to throw, or may have some day.
    const idle = allowed.filter((each) => each !== "errors" && !imported.has(each));
    assert.deepEqual(idle, [], `${folder} has no use for them`);
  }
});

test("files import each other without circles, types included", () => {
  const imported = ({ specifier, from }: Import) =>
    specifier.startsWith(".") ? [nameOf(new URL(specifier, from))] : [];
  const imports = new Map(sourceFiles().map((file) => [nameOf(file), importsIn(file).flatMap(imported)]));
  assert.equal(circleAmong(imports)?.join(" imports "), undefined);
});

test("pure folders import no module with effects", () => {
  for (const folder of pure) {
    for (const { from, specifier, typeOnly } of importsOf(folder)) {
      assert.ok(typeOnly || !effects.test(specifier), `${nameOf(from)} imports ${specifier}`);
    }
  }
});

/** What opens connections out, and what takes them in. */
const talksToTheNet =
  /^(?:package-index\/(?:transport|dispatcher|pinned-authorities)|proxy\/bounded-server|service\/s3-artifacts)\.ts$/;

test("only the transport and the artifact store's client open connections out, only the bounded server takes them in", () => {
  for (const file of sourceFiles()) {
    const name = nameOf(file);
    if (talksToTheNet.test(name) || isForDevelopers(name)) continue;
    for (const { specifier, typeOnly } of importsIn(file))
      assert.ok(typeOnly || !/^(?:undici|node:(?:https?2?|net|tls))$/.test(specifier), `${name} imports ${specifier}`);
    assert.doesNotMatch(readFileSync(file, "utf8"), /(?:await|return|=>|=) fetch\(/, `${name} fetches`);
  }
});

test("only main.ts reads process", () => {
  for (const file of sourceFiles()) {
    const name = nameOf(file);
    if (name === "main.ts" || isForDevelopers(name)) continue;
    const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    assert.doesNotMatch(code, /(?<![\w.$"'`/-])process\.\w/, `${name} reads process`);
  }
});

test("every folder has its row in the table", () => {
  const folders = new Set(sourceFiles().map(folderOf));
  for (const folder of folders) assert.ok(folder in mayImport || unbounded.includes(folder), `${folder} has no row`);
});

test("docs/architecture.md shows this table", () => {
  const page = readFileSync(new URL("../docs/architecture.md", import.meta.url), "utf8");
  for (const [folder, allowed] of Object.entries(mayImport)) {
    const row = `| \`${folder}\` | ${allowed.join(", ") || "—"} |`;
    assert.ok(page.includes(row), `docs/architecture.md lacks the row ${row}`);
  }
});

test("nothing but tests imports testing/", () => {
  for (const file of sourceFiles()) {
    if (isForDevelopers(nameOf(file))) continue;
    for (const { specifier } of importsIn(file)) assert.doesNotMatch(specifier, /\/testing\//, nameOf(file));
  }
});

function importsOf(folder: string): Import[] {
  return sourceFiles()
    .filter((file) => folderOf(file) === folder)
    .flatMap(importsIn);
}

function importsIn(file: URL): Import[] {
  return [...readFileSync(file, "utf8").matchAll(importing)].map(({ groups = {} }) => ({
    from: file,
    specifier: groups.specifier ?? groups.lazy ?? "",
    typeOnly: /^type\s/.test(groups.clause ?? ""),
  }));
}

/** Files of which each imports the next, and the last is the first. */
function circleAmong(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const leadToNone = new Set<string>();
  const follow = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (leadToNone.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = follow(next, [...path, file]);
      if (circle !== undefined) return circle;
    }
    leadToNone.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = follow(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** The program's own sources: tests may import what they like. */
function sourceFiles(): URL[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => new URL(name, source));
}

function nameOf(file: URL): string {
  return file.href.slice(source.href.length);
}

/** Not published: test helpers, benchmarks and what makes packages may do what the program may not. */
function isForDevelopers(name: string): boolean {
  return ["testing/", "bench/", "packaging/"].some((folder) => name.startsWith(folder));
}

function folderOf(file: URL): string {
  return nameOf(file).split(/[/.]/)[0] ?? "";
}
