import assert from "node:assert/strict";
import { test } from "node:test";
import { comparePins, comparePolicies } from "./compare.ts";
import { parsePolicy } from "./parse.ts";
import { parsePins } from "./pins.ts";
import type { Change } from "./policy-change.ts";

const signers = `
[signers.alice]
kind = "github"
repository = "acme/alice"
[signers.bob]
kind = "github"
repository = "acme/bob"
[signers.carol]
kind = "key"
key = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8"
[groups.one]
of = ["alice", "bob"]
threshold = 1
[groups.two]
of = ["alice", "bob"]
threshold = 2
[groups.owners]
of = ["alice", "bob"]
threshold = 1
distinct-by = "owner"
`;

function lines(changes: readonly Change[]): string[] {
  return changes.map(({ effect, place, text }) => `${effect} ${place}: ${text}`);
}

function compared(older: string, newer: string): string[] {
  const parse = (text: string) => parsePolicy(`version = 1\n${text}\n${signers}`, "policy.toml");
  return lines(comparePolicies(parse(older), parse(newer)));
}

/** Each pair, and what it says in this direction; in the other it says the opposite. */
for (const [older, newer, expected] of [
  ["expires = 2027-01-01", "expires = 2027-06-30", "weaker expires: 2027-01-01 → 2027-06-30"],
  ["expires = 2027-01-01", "", "weaker expires: 2027-01-01 → never"],
  ['[default]\nmode = "enforce"', '[default]\nmode = "warn"', 'weaker [default] mode: "enforce" → "warn"'],
  ['[default]\nattestation = "require"', "", 'weaker [default] attestation: "require" → "if-present"'],
  ['[default]\nattestation = "no-downgrade"', "", 'weaker [default] attestation: "no-downgrade" → "if-present"'],
  ['[default]\nhashes = "require"', "", 'weaker [default] hashes: "require" → "index"'],
  [
    '[default]\nslsa = { signer = "alice", builder = ["https://a.example/"] }',
    '[default]\nslsa = { signer = "alice" }',
    "weaker [default] slsa.builder: https://a.example/ → any",
  ],
  [
    '[default]\nslsa = { signer = "alice", build-type = ["https://a.example/"] }',
    '[default]\nslsa = { signer = "alice", build-type = ["https://a.example/", "https://b.example/"] }',
    "weaker [default] slsa.build-type: + https://b.example/",
  ],
  [
    '[default]\nslsa = { signer = "alice", parameters = { workflow.ref = "refs/heads/main" } }',
    '[default]\nslsa = { signer = "alice" }',
    'weaker [default] slsa.parameters: - workflow.ref = "refs/heads/main"',
  ],
  [
    '[default]\nslsa = { signer = "alice", builder = ["https://a.example/"] }',
    "",
    'weaker [default] slsa: signer "alice" → not asked for',
  ],
  [
    `[default]\nsummary = { signer = "carol", verifier = "a:b" }`,
    "",
    'weaker [default] summary: signer "carol" → not asked for',
  ],
  [
    `[default]\nsummary = { signer = "carol", verifier = "a:b", max-age = "P1D" }`,
    `[default]\nsummary = { signer = "carol", verifier = "a:b" }`,
    "weaker [default] summary.max-age: P1D → none",
  ],
  ["", '[default]\nsdist = "allow"', 'weaker [default] sdist: "deny" → "allow"'],
  ["", '[default]\nstatus = { yanked = "allow" }', 'weaker [default] status.yanked: "warn" → "allow"'],
  ['[floor]\nstatus = { archived = "warn" }', "", 'weaker [floor] status.archived: "warn" → "allow"'],
  ['[default]\nsources = ["https://a.example/"]', "", "weaker [default] sources: https://a.example/ → anywhere"],
  [
    '[default]\nsources = ["https://a.example/"]',
    '[default]\nsources = ["https://a.example", "local"]',
    "weaker [default] sources: + local",
  ],
  ['[default]\nmin-age = "P3D"', '[default]\nmin-age = "P1D"', "weaker [default] min-age: P3D → P1D"],
  ['[default]\nmin-age = "P3D"', "", "weaker [default] min-age: P3D → none"],
  [
    '[default]\nmin-age = "P3D"',
    '[default]\nmin-age = "P3D"\nmissing-time = "log"',
    'weaker [default] missing-time: "deny" → "log"',
  ],
  [
    '[default]\nmode = "warn"\nenforce-after = 2027-01-01',
    '[default]\nmode = "warn"',
    "weaker [default] enforce-after: 2027-01-01 → none",
  ],
  ['[default]\npublish = { signer = "alice" }', "", 'weaker [default] publish: signer "alice" → not asked for'],
  [
    '[default]\npublish = { signer = "alice" }',
    '[default]\npublish = { group = "one" }',
    'weaker [default] publish: + "bob"',
  ],
  [
    '[default]\nattestation = "require"\nslsa = { group = "two" }',
    '[default]\nattestation = "require"\nslsa = { group = "one" }',
    "weaker [default] slsa: threshold 2 → 1",
  ],
  ['[default]\nsignatures = { signer = "carol" }', "", 'weaker [default] signatures: signer "carol" → not asked for'],
  [
    '[default]\nvouch = { any = ["alice"], threshold = 1 }',
    '[default]\nvouch = { any = ["alice", "carol"], threshold = 1 }',
    'weaker [default] vouch: + "carol"',
  ],
  ['[floor]\ndeny = [{ name = "litellm", version = "==1.82.7" }]', "", "weaker [floor] deny: - litellm==1.82.7"],
  ['[floor]\nstatus = { yanked = "deny" }', "", 'weaker [floor] status.yanked: "deny" → "allow"'],
  ['[default]\ncontinuity = { pins = "a.json" }', "", "weaker [default] continuity: not compared any more"],
  [
    '[default]\ncontinuity = { pins = "a.json" }',
    '[default]\ncontinuity = { pins = "a.json", on-loss = "warn" }',
    'weaker [default] continuity on-loss: "deny" → "warn"',
  ],
  [
    '[default]\ncontinuity = { pins = "a.json", on-new = "deny" }',
    '[default]\ncontinuity = { pins = "a.json" }',
    'weaker [default] continuity on-new: "deny" → "record"',
  ],
] as const) {
  test(`comparePolicies() says ${expected}`, () => {
    assert.deepEqual(compared(older, newer), [expected]);
    const [back = ""] = compared(newer, older);
    assert.match(back, /^stricter /);
    assert.deepEqual(compared(older, older), []);
  });
}

test("comparePolicies() takes a signer in another's place, another trust and another file of pins for changes", () => {
  const rule = (publish: string) => `[default]\npublish = { signer = "${publish}" }`;
  assert.deepEqual(compared(rule("alice"), rule("bob")), [
    'changed [default] publish: - "alice"',
    'weaker [default] publish: + "bob"',
  ]);
  assert.deepEqual(compared('[trust]\nattestations = ["index"]', '[trust]\nattestations = ["sidecar"]'), [
    'changed [trust] attestations: [{"kind":"index"}] → [{"kind":"sidecar"}]',
  ]);
  assert.deepEqual(
    compared('[default]\ncontinuity = { pins = "a.json" }', '[default]\ncontinuity = { pins = "b.json" }'),
    ['changed [default] continuity: pins "a.json" → "b.json"'],
  );
  assert.deepEqual(compared('[default]\npublish = { group = "one" }', '[default]\npublish = { group = "owners" }'), [
    'changed [default] publish: distinct-by "identity" → "owner"',
  ]);
});

test("comparePolicies() compares rules by their match, and new and removed ones with [default]", () => {
  const rule = (name: string, text: string) => `[[rule]]\nmatch = { name = "${name}" }\n${text}\n`;
  const [numpy, acme] = [rule("numpy", 'mode = "off"'), rule("acme-*", 'attestation = "require"')];
  assert.deepEqual(compared(acme, numpy + acme), [
    'changed [[rule]] name = "numpy": new',
    'weaker [[rule]] name = "numpy" mode: "enforce" → "off"',
  ]);
  assert.deepEqual(compared(numpy + acme, numpy), [
    'changed [[rule]] name = "acme-*": removed',
    'weaker [[rule]] name = "acme-*" attestation: "require" → "if-present"',
  ]);
  assert.deepEqual(compared(numpy + acme, acme + numpy), [
    "changed [[rule]]: another order: the first that matches applies",
  ]);
  assert.deepEqual(compared(numpy, rule("NumPy", 'mode = "off"')), []);
});

test("comparePolicies() says who is on the deny list and what is excepted", () => {
  const exception = (expires: string) =>
    `[[exception]]\nid = "EX-1"\nmatch = { name = "numpy", version = "==2.*", kind = "wheel" }\nwaive = ["publish", "attestation"]\nreason = "none"\nowner = "a"\nexpires = ${expires}\n`;
  assert.deepEqual(compared("", exception("2027-01-01")), [
    'weaker [[exception]]: + "EX-1" waives attestation, publish for name = "numpy", version = "==2.*", kind = "wheel" until 2027-01-01',
  ]);
  assert.equal(compared(exception("2027-01-01"), exception("2028-01-01")).length, 2);
  const digest = "ab".repeat(32);
  assert.deepEqual(
    compared(
      "",
      `[floor]\ndeny = [{ sha256 = "${digest}" }, { signer = "alice", from = 2026-01-01T00:00:00Z, until = 2026-01-02T00:00:00Z, name = "x" }, { signer = "carol" }]`,
    ),
    [
      `stricter [floor] deny: + sha256 ${digest}`,
      'stricter [floor] deny: + signer "alice" of x from 2026-01-01T00:00:00.000Z until 2026-01-02T00:00:00.000Z',
      'stricter [floor] deny: + signer "carol"',
    ],
  );
});

test("comparePins() says whose signatures are new for a project, and not which releases are", () => {
  const pins = (inner: string) => parsePins(`{"schema": "tspip-pins/1", "projects": ${inner}}`, "pins");
  const older = pins('{"alpha": {"1.0": {"a.whl": ["alice"]}}, "gone": {"1.0": {"g.whl": ["bob"]}}}');
  assert.deepEqual(lines(comparePins(older, older)), []);
  assert.deepEqual(
    lines(
      comparePins(
        older,
        pins(
          '{"alpha": {"1.0": {"a.whl": ["alice"]}, "1.1": {"a.whl": ["alice"]}}, "gone": {"1.0": {"g.whl": ["bob"]}}}',
        ),
      ),
    ),
    [],
  );
  assert.deepEqual(
    lines(
      comparePins(
        older,
        pins(
          '{"alpha": {"1.0": {"a.whl": ["alice"]}, "1.1": {"a.whl": [], "b.whl": ["mallory"]}}, "beta": {"1": {"b.whl": ["bob"]}}}',
        ),
      ),
    ),
    ["weaker alpha: + mallory", "weaker alpha: + nobody", "changed beta: new, by bob", "weaker gone: removed, by bob"],
  );
});
