import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv } from "ajv";
import { assertGolden } from "../../testing/golden.ts";
import { testProcesses } from "../../testing/processes.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import type { Host } from "../host.ts";
import { parseFormats, writeReport } from "../report/format.ts";
import type { Report } from "../report/report.ts";

/** Each folder of testdata/reports/ holds a report and what every format makes of it. */

const samples = new URL("../../../testdata/reports/", import.meta.url);
const renderings = {
  text: "report.txt",
  sarif: "report.sarif",
  junit: "junit.xml",
  github: "annotations.txt",
  html: "report.html",
} as const;
const names = readdirSync(samples);

async function rendered(name: string): Promise<Record<keyof typeof renderings | "summary", string>> {
  const report: Report = JSON.parse(readFileSync(new URL(`${name}/report.json`, samples), "utf8"));
  using folder = temporaryFolder();
  const host = hostAt(folder.path);
  const values = Object.entries(renderings).map(([format, file]) => `${format}=${file}`);
  await writeReport(report, parseFormats(values), "never", host);
  const read = (file: string) => readFileSync(join(folder.path, file), "utf8");
  const texts = Object.entries(renderings).map(([format, file]) => [format, read(file)]);
  return { ...Object.fromEntries(texts), summary: read("summary.md") };
}

function hostAt(cwd: string): Host {
  const output = { isTTY: false, write: () => {} };
  return {
    env: { GITHUB_STEP_SUMMARY: "summary.md" },
    cwd,
    homedir: cwd,
    platform: "linux",
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    now: () => new Date("2026-11-21T12:00:00Z"),
    processors: 1,
    ...testProcesses,
    pid: 1,
    isAlive: () => false,
  };
}

for (const name of names) {
  test(`the report "${name}" in every format`, async () => {
    const texts = await rendered(name);
    for (const [format, file] of Object.entries(renderings)) {
      // The rules are the whole catalog, which changes for reasons of its own.
      const text = format === "sarif" ? withoutRules(texts.sarif) : texts[format as keyof typeof renderings];
      assertGolden(text, new URL(`${name}/${file}`, samples));
    }
    assertGolden(texts.summary, new URL(`${name}/summary.md`, samples));
  });
}

function withoutRules(sarif: string): string {
  const log = JSON.parse(sarif);
  log.runs[0].tool.driver.rules = "the finding catalog";
  for (const result of log.runs[0].results) delete result.ruleIndex;
  return `${JSON.stringify(log, null, 2)}\n`;
}

test("SARIF: every result names a rule of the catalog by its place, and rules have the help of the documentation", async () => {
  const [run] = JSON.parse((await rendered("refused")).sarif).runs;
  const { rules } = run.tool.driver;
  for (const { ruleId, ruleIndex } of run.results) assert.equal(rules[ruleIndex].id, ruleId);
  const yanked = rules.find(({ id }: { id: string }) => id === "yanked");
  assert.match(yanked.help.markdown, /^\*\*Release is yanked\.\*\*[\s\S]*PEP 592/);
});

/** OASIS's schema is not ours to carry: the test runs where it lies beside the clone, or where SARIF_SCHEMA names it. */
const schema = process.env.SARIF_SCHEMA ?? new URL("../../../../shared/sarif/sarif-schema-2.1.0.json", import.meta.url);

test("SARIF: valid against the schema of the standard", {
  skip: existsSync(schema) ? false : "there is no copy of sarif-schema-2.1.0.json; SARIF_SCHEMA names one",
}, async () => {
  const { $schema: _draft4, id: _id, ...standard } = JSON.parse(readFileSync(schema, "utf8"));
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(standard);
  for (const name of names) {
    assert.ok(validate(JSON.parse((await rendered(name)).sarif)), `${name}: ${JSON.stringify(validate.errors)}`);
  }
});

const xmlReader = `
import sys, xml.etree.ElementTree as tree
for path in sys.argv[1:]:
    root = tree.parse(path).getroot()
    cases = list(root.iter("testcase"))
    assert len(cases) == int(root.get("tests")), path
    assert len(list(root.iter("failure"))) == int(root.get("failures")), path
    assert len(list(root.iter("error"))) == int(root.get("errors")), path
    print("|".join(case.get("classname") for case in cases))
`;

test("JUnit: an XML reader finds the cases, whatever stands in them", (context) => {
  const files = names.map((name) => new URL(`${name}/junit.xml`, samples).pathname);
  try {
    const said = execFileSync("python3", ["-I", "-c", xmlReader, ...files], { encoding: "utf8" });
    assert.deepEqual(said.trim().split("\n"), ["requests", "evil|tspip", "requests|certifi|idna|urllib3"]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    context.skip("there is no python3 on PATH");
  }
});

test("GitHub: text from outside cannot give the runner a command", async () => {
  const { github, text } = await rendered("hostile");
  // The runner takes `::name …::…` at the start of a line, blanks aside, and `##[…]` anywhere.
  const commands = github.split(/\r\n|\r|\n/).filter((line) => /^\s*::|##\[/.test(line));
  assert.equal(commands.length, 3);
  for (const command of commands)
    assert.match(
      command,
      /^::(?:error|warning) (?:file=sub dir\/req%2C%250A%3A<&">.txt,line=2,)?title=[^:,]*::[^\r\n]*$/,
    );
  assert.doesNotMatch(text, /^\s*::|##\[/m);
});

test("GitHub: what would be dropped is counted", async () => {
  const { renderAnnotations } = await import("./github.ts");
  const report: Report = JSON.parse(readFileSync(new URL("refused/report.json", samples), "utf8"));
  const [refused] = report.artifacts.filter(({ decision }) => decision === "deny");
  assert.ok(refused !== undefined);
  const lines = renderAnnotations({ ...report, artifacts: Array(8).fill(refused) }, (file) => file)
    .trim()
    .split("\n");
  assert.equal(lines.length, 10);
  assert.equal(lines.at(-1), "::error::and 7 more; the log and the step summary have them all");
});

test("HTML and summary: text from outside stays text", async () => {
  const { html, summary } = await rendered("hostile");
  const tags = new Set([...html.matchAll(/<\/?([a-z]+)/gi)].map(([, tag]) => tag));
  for (const tag of ["script", "img", "iframe", "link"]) assert.ok(!tags.has(tag), tag);
  assert.equal([...html.matchAll(/<\/style>/g)].length, 1);
  assert.match(html, /default-src 'none'; style-src 'sha256-/);
  assert.doesNotMatch(summary, /<(?!\/?(?:code|details|summary)>)|\]\(|@octocat/);
  for (const text of [html, summary]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u202e\ufffe]/);
  }
});

test("JSON: the same report, with nothing in it as it came", async () => {
  using folder = temporaryFolder();
  const text = readFileSync(new URL("hostile/report.json", samples), "utf8");
  await writeReport(JSON.parse(text), parseFormats(["json=r.json"]), "never", hostAt(folder.path));
  const json = readFileSync(join(folder.path, "r.json"), "utf8");
  assert.deepEqual(JSON.parse(json), JSON.parse(text));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  assert.doesNotMatch(json, /[\u0000-\u0009\u000b-\u001f\u202e\ufffe]|##\[/);
});

test("paths are from the top of the repository, where a job names it", async () => {
  const report: Report = JSON.parse(readFileSync(new URL("refused/report.json", samples), "utf8"));
  using folder = temporaryFolder();
  const cwd = join(folder.path, "services", "web app");
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, "requirements.txt"), "");
  const host = { ...hostAt(cwd), env: { GITHUB_WORKSPACE: folder.path } };
  await writeReport(report, parseFormats(["sarif=x.sarif", "github=x.txt"]), "never", host);
  const log = JSON.parse(readFileSync(join(cwd, "x.sarif"), "utf8"));
  const { artifactLocation, region } = log.runs[0].results[0].locations[0].physicalLocation;
  assert.deepEqual(artifactLocation, { uri: "services/web%20app/requirements.txt", uriBaseId: "SRCROOT" });
  assert.deepEqual(region, { startLine: 4 });
  assert.match(
    readFileSync(join(cwd, "x.txt"), "utf8"),
    /^::warning file=services\/web app\/requirements\.txt,line=4,/m,
  );
});
