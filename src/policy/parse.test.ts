import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { PolicyFileError } from "../errors.ts";
import { assertGolden } from "../testing/golden.ts";
import type { ReadInclude } from "./include.ts";
import { parsePolicy } from "./parse.ts";
import type { Policy } from "./policy.ts";

const folder = new URL("../../testdata/policies/", import.meta.url);
const broken = readdirSync(folder).filter((name) => name.endsWith(".toml"));

for (const name of broken) {
  test(`parsePolicy() refuses testdata/policies/${name} with its message`, () => {
    const message = mistakesOf(readFileSync(new URL(name, folder)), name, (path) =>
      readFileSync(new URL(path, folder)),
    );
    assertGolden(`${message}\n`, new URL(name.replace(/\.toml$/, ".txt"), folder));
  });
}

test("testdata/policies/ holds a message for each file and nothing else", () => {
  const messages = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  assert.deepEqual(messages.map((name) => name.replace(/\.txt$/, ".toml")).sort(), broken.toSorted());
});

for (const name of readdirSync(new URL("valid/", folder))) {
  test(`parsePolicy() takes testdata/policies/valid/${name}`, () => {
    const readInclude = (path: string) => readFileSync(new URL(path, new URL("valid/", folder)));
    assert.doesNotThrow(() => parsePolicy(readFileSync(new URL(`valid/${name}`, folder)), name, readInclude));
  });
}

test("parsePolicy() takes the shortest policy, with what is built in", () => {
  const policy = parsePolicy("version = 1", "policy.toml");
  assert.deepEqual(policy, {
    trust: { sigstore: { kind: "embedded" }, attestations: [{ kind: "index" }, { kind: "sidecar" }] },
    keys: [],
    floor: { deny: [], status: { yanked: "allow", archived: "allow", deprecated: "allow" } },
    rules: [],
    default: {
      name: "default",
      match: {},
      mode: "enforce",
      attestation: "if-present",
      hashes: "index",
      sdist: "deny",
      missingTime: "deny",
      status: { yanked: "warn", archived: "warn", deprecated: "warn" },
    },
    exceptions: [],
  } satisfies Policy);
});

test("parsePolicy() completes a rule from [default], and resolves the names of signers and groups", () => {
  const { rules } = parsePolicy(
    `version = 1
    [signers.alice]
    kind = "github"
    repository = "acme/alice"
    workflow = "release-*.yml"
    [signers.bob]
    kind = "email"
    email = "bob@example.org"
    issuer = "https://login.example.org"
    [groups.release]
    of = ["alice", "bob"]
    threshold = 2
    distinct-by = "owner"
    [default]
    mode = "warn"
    attestation = "require"
    publish = { signer = "alice" }
    [[rule]]
    match = { name = "Acme_*", index = "https://INDEX.example.org/simple", kind = "wheel", relation = "direct" }
    mode = "enforce"
    slsa = { group = "release" }`,
    "policy.toml",
  );
  const alice = {
    kind: "publisher",
    name: "alice",
    publisher: { kind: "github", repository: "acme/alice", workflow: "release-*.yml" },
  } as const;
  const bob = {
    kind: "publisher",
    name: "bob",
    publisher: { kind: "email", email: "bob@example.org", issuer: "https://login.example.org" },
  } as const;
  assert.deepEqual(rules, [
    {
      name: "rule 1",
      match: { name: "acme-*", index: "https://index.example.org/simple/", kind: "wheel", relation: "direct" },
      mode: "enforce",
      attestation: "require",
      publish: { name: 'signer "alice"', members: [alice], threshold: 1, distinctBy: "identity" },
      slsa: { name: 'group "release"', members: [alice, bob], threshold: 2, distinctBy: "owner" },
      hashes: "index",
      sdist: "deny",
      missingTime: "deny",
      status: { yanked: "warn", archived: "warn", deprecated: "warn" },
    },
  ]);
});

test("parsePolicy() tells a mistake of [default] there, and not in every rule that inherits it", () => {
  const message = mistakesOf(
    `version = 1
[signers.alice]
kind = "github"
repository = "acme/alice"
[signers.bob]
kind = "github"
repository = "acme/bob"
[groups.release]
of = ["alice", "bob"]
threshold = 2
[default]
publish = { group = "release" }
[[rule]]
match = { name = "numpy" }
hashes = "any"
`,
  );
  assert.match(message, /^Cannot use policy "policy.toml": 1 mistake\npolicy.toml:12:1: /);
});

test("parsePolicy() takes `expires` as the whole day, in UTC", () => {
  assert.deepEqual(
    parsePolicy("version = 1\nexpires = 2027-06-30", "policy.toml").expires,
    new Date("2027-07-01T00:00:00Z"),
  );
});

test("parsePolicy() takes a byte order mark and Windows line ends", () => {
  const policy = parsePolicy(Buffer.from('\uFEFFversion = 1\r\n[default]\r\nmode = "warn"\r\n'), "policy.toml");
  assert.equal(policy.default.mode, "warn");
  assert.match(
    mistakesOf('version = 1\r\n[default]\r\nmood = "warn"\r\n'),
    /policy\.toml:3:1: .*\n {2}3 \| mood = "warn"\n/,
  );
});

test("parsePolicy() refuses a file that is too large before it reads it", () => {
  assert.match(
    mistakesOf(`version = 1\n# ${"x".repeat(1 << 20)}`),
    /the file has \d+ bytes, a policy has at most 1048576/,
  );
  assert.match(mistakesOf(Buffer.alloc((1 << 20) + 1, 0xff)), /the file has 1048577 bytes/);
  assert.doesNotThrow(() => parsePolicy("version = 1\n".padEnd(1 << 20, "#"), "policy.toml"));
});

test("parsePolicy() stays quick and short on large files that are wrong", () => {
  const escapedKeys = Array.from({ length: 10_000 }, (_, at) => `"k\\u0061${at}" = 1`);
  const files = [
    `version = 1\n${"a.".repeat(100_000)}a = 1`,
    `version = 1\nx = "${"\\\\".repeat(100_000)}"`,
    `version = 1\nx = """${"\\\\\n".repeat(60_000)}"""`,
    `version = 1\n${"#".repeat(200_000)}\nx = 1`,
    `version = 1\n${escapedKeys.join("\n")}`,
    `version = 1\nrule = [${"{},".repeat(60_000)}]`,
    `version = 1\n${"[[rule]]\n".repeat(20_000)}`,
  ];
  for (const file of files) {
    const before = process.cpuUsage();
    assert.ok(mistakesOf(file).length < 20_000);
    // Milliseconds when the time grows with the size, minutes when it grows with the square.
    const seconds = process.cpuUsage(before).user / 1e6;
    assert.ok(seconds < 10, `${file.slice(0, 40)}… took ${seconds} s of the processor`);
  }
});

test("parsePolicy() takes nothing but a URI for the verifier of a summary: a scheme, and no blanks", () => {
  const signer = '[signers.ci]\nkind = "key"\nkey = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8"\n';
  for (const verifier of ["ci.example.org", "https://ci.example.org/our gate"]) {
    const rule = `[default]\nsummary = { signer = "ci", verifier = "${verifier}" }\n`;
    assert.ok(mistakesOf(`version = 1\n${rule}${signer}`).includes(`"${verifier}" is no URI`));
  }
});

test("parsePolicy() refuses what could never match, a version of no project, and a group beyond all measure", () => {
  const many = Array.from({ length: 101 }, (_, at) => `"s${at}"`).join(", ");
  for (const [text, mistake] of [
    ['[[rule]]\nmatch = { name = "-acme-" }', /"-acme-"/],
    [
      '[floor]\ndeny = [{ version = "==1.0", signer = "alice" }]\n[signers.alice]\nkind = "github"\nrepository = "acme/alice"',
      /"version" goes with "name"/,
    ],
    [`[groups.all]\nof = [${many}]\nthreshold = 1`, /101|at most 100/],
  ] as const)
    assert.match(mistakesOf(`version = 1\n${text}\n`), mistake);
});

test("parsePolicy() takes nothing but a table for the parameters of a build", () => {
  const signer = '[signers.ci]\nkind = "github"\nrepository = "acme/tool"\n';
  const rule = '[default]\nslsa = { signer = "ci", parameters = "level" }\n';
  assert.match(mistakesOf(`version = 1\n${rule}${signer}`), /"parameters" is a string, expected a table/);
});

test("parsePolicy() counts the mistakes it does not show", () => {
  const file = `version = 1\n${Array.from({ length: 60 }, (_, i) => `key-${i} = 1`).join("\n")}`;
  assert.match(mistakesOf(file), /^Cannot use policy "policy.toml": 60 mistakes\n[\s\S]*\nand 10 more$/);
});

test("parsePolicy() leaves Object.prototype alone", () => {
  mistakesOf('version = 1\n[__proto__]\nmode = "off"\n[default.constructor.prototype]\nmode = "off"');
  assert.equal(({} as { mode?: string }).mode, undefined);
});

/** The message of the error that the file must give. */
function mistakesOf(content: string | Uint8Array, file = "policy.toml", readInclude?: ReadInclude): string {
  try {
    parsePolicy(content, file, readInclude);
  } catch (error) {
    assert.ok(error instanceof PolicyFileError, String(error));
    assert.equal(error.code, "invalid-policy");
    return error.message;
  }
  return assert.fail(`${file} was taken`);
}

/** A policy with `text` that includes `files`, each by the one before it. */
function including(text: string, ...files: readonly string[]): Policy {
  const byPath = new Map<string, Buffer>();
  const include = files.reduceRight((inner, content, at) => {
    const bytes = Buffer.from(`version = 1\n${inner}${content}`);
    byPath.set(`part-${at}.toml`, bytes);
    return `include = [{ file = "part-${at}.toml", sha256 = "${digestOf(bytes)}" }]\n`;
  }, "");
  return parsePolicy(`version = 1\n${include}${text}`, "policy.toml", (path) => byPath.get(path) ?? assert.fail(path));
}

test("parsePolicy() adds up the floors of all files: whichever is stricter holds, and every deny list", () => {
  for (const [own, inner, innermost, expected] of [
    ["allow", "deny", "warn", "deny"],
    ["deny", "allow", "allow", "deny"],
    ["allow", "allow", "warn", "warn"],
    ["allow", "allow", "allow", "allow"],
  ] as const) {
    const floor = (yanked: string, name: string) =>
      `[floor]\nstatus = { yanked = "${yanked}" }\ndeny = [{ name = "${name}" }]\n`;
    const policy = including(floor(own, "a"), floor(inner, "b"), floor(innermost, "c"));
    assert.equal(policy.floor.status.yanked, expected);
    assert.deepEqual(
      policy.floor.deny.map((denied) => denied.kind === "release" && denied.name),
      ["a", "b", "c"],
    );
  }
});

test("parsePolicy() takes rules of included files after its own, completed from its own [default]", () => {
  const rule = (name: string, text = "") => `[[rule]]\nmatch = { name = "${name}" }\n${text}\n`;
  const { rules, exceptions, keys } = including(
    `[default]\nattestation = "require"\nhashes = "any"\n${rule("acme")}`,
    `${rule("acme", 'mode = "off"')}${rule("beta", 'hashes = "require"\nsignatures = { signer = "alice" }')}`,
    `[signers.alice]\nkind = "key"\nkey = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8"\n[[exception]]\nid = "EX-1"\nmatch = { name = "acme" }\nwaive = ["hashes"]\nreason = "r"\nowner = "o"\nexpires = 2027-01-01\n`,
  );
  assert.deepEqual(
    rules.map(({ name, match, attestation, hashes, mode }) => [name, match.name, attestation, hashes, mode]),
    [
      ["rule 1", "acme", "require", "any", "enforce"],
      ["part-0.toml rule 1", "acme", "require", "any", "off"],
      ["part-0.toml rule 2", "beta", "require", "require", "enforce"],
    ],
  );
  assert.deepEqual(exceptions[0]?.expires, new Date("2027-01-02T00:00:00Z"));
  assert.deepEqual(
    keys.map(({ name }) => name),
    ["alice"],
  );
});

test("parsePolicy() includes a hundred files and no more", () => {
  const parts = (count: number) => Array.from({ length: count }, (_, at) => `# ${at}\n`);
  assert.equal(including("", ...parts(15)).rules.length, 0);
  const flat = (count: number) => {
    const bytes = (path: string) => Buffer.from(`version = 1\n# ${path}\n`);
    const entries = Array.from(
      { length: count },
      (_, at) => `{ file = "${at}.toml", sha256 = "${digestOf(bytes(`${at}.toml`))}" }`,
    );
    return () => parsePolicy(`version = 1\ninclude = [${entries.join(", ")}]`, "policy.toml", bytes);
  };
  assert.doesNotThrow(flat(100));
  assert.throws(flat(101), /a policy includes at most 100 files/);
});

test("parsePolicy() includes nothing where there is no folder", () => {
  const message = mistakesOf(`version = 1\ninclude = [{ file = "a.toml", sha256 = "${"0".repeat(64)}" }]\n`);
  assert.match(message, /this policy comes from no folder, so it cannot include files/);
});

test("parsePolicy() says why an included file cannot be read", () => {
  const including = (error: Error) =>
    mistakesOf(`version = 1\ninclude = [{ file = "a.toml", sha256 = "${"0".repeat(64)}" }]\n`, "policy.toml", () => {
      throw error;
    });
  assert.match(including(new Error("it is no regular file")), /"a\.toml" cannot be read: it is no regular file/);
  const coded = (code: string) => Object.assign(new Error("what the system says"), { code });
  assert.match(including(coded("EIO")), /"a\.toml" cannot be read: what the system says/);
  assert.match(including(coded("ENOENT")), /"a\.toml" is not there/);
});

test("parsePolicy() resolves signers of every kind", () => {
  const signers = {
    github: 'repository = "acme/a"',
    gitlab: 'repository = "acme/a"',
    google: 'email = "a@example.org"',
    circleci:
      'project-id = "fdd9283f-e619-46af-8f9c-851f7d3e8b2b"\npipeline-definition-id = "8e4f8ab2-8d7c-4827-9f15-de076d6d647f"',
    activestate: 'organization = "acme"\nproject = "a"',
    email: 'email = "a@example.org"\nissuer = "https://login.example.org"',
    key: 'key = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8"',
  };
  const tables = Object.entries(signers).map(([kind, fields]) => `[signers.${kind}]\nkind = "${kind}"\n${fields}\n`);
  const vouch = `[default]\nvouch = { any = ${JSON.stringify(Object.keys(signers))}, threshold = 7 }\n`;
  const { members = [] } = parsePolicy(`version = 1\n${tables.join("")}${vouch}`, "policy.toml").default.vouch ?? {};
  assert.deepEqual(
    members.map((member) => (member.kind === "key" ? "key" : member.publisher.kind)),
    Object.keys(signers),
  );
});

test("parsePolicy() reads where trust comes from", () => {
  const trustOf = (text: string) => parsePolicy(`version = 1\n[trust]\n${text}`, "policy.toml").trust;
  const days90 = { text: "P90D", milliseconds: 90 * 86_400_000 };
  assert.deepEqual(trustOf('sigstore = { file = "root.json", max-age = "P90D" }').sigstore, {
    kind: "file",
    path: "root.json",
    maxAge: days90,
  });
  assert.deepEqual(
    trustOf('sigstore = { tuf = "https://tuf.example.org", root = "root.json", max-age = "P90D" }').sigstore,
    {
      kind: "tuf",
      url: "https://tuf.example.org/",
      root: "root.json",
      maxAge: days90,
    },
  );
  assert.deepEqual(trustOf('sigstore = { file = "root.json" }').sigstore, { kind: "file", path: "root.json" });
  assert.deepEqual(trustOf('keyring = { file = "keyring.json" }').keyring, { kind: "file", path: "keyring.json" });
  assert.deepEqual(trustOf('keyring = { tuf = "http://localhost/", root = "r.json" }').keyring, {
    kind: "tuf",
    url: "http://localhost/",
    root: "r.json",
  });
});
