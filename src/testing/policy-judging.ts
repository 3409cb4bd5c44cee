import { evidenceOf, subjectOf } from "../policy/cases/case-evidence.ts";
import type { CaseAttestation, CaseSignature, PolicyCase } from "../policy/cases/policy-case.ts";
import { decide } from "../policy/decide.ts";
import { parsePolicy } from "../policy/parse.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { Verdict } from "../verdict/verdict.ts";

/** For the tests of `decide()`: signers and keys, and what the judge says of a policy and a situation, in a word. */

export const now = new Date("2026-11-21T12:00:00Z");
export const wheel = { filename: "demo-1.0-py3-none-any.whl" };
export const sdist = { filename: "demo-1.0.tar.gz" };
export const alice = { kind: "github", repository: "acme/alice", workflow: "release.yml" } as const satisfies Publisher;
export const bob = { kind: "gitlab", repository: "bobs/demo", workflow: ".gitlab-ci.yml" } as const satisfies Publisher;
export const stranger = {
  kind: "github",
  repository: "mallory/alice",
  workflow: "release.yml",
} as const satisfies Publisher;
export const signers = `
[signers.alice]
kind = "github"
repository = "acme/alice"
[signers.bob]
kind = "gitlab"
repository = "bobs/demo"
[groups.both]
of = ["alice", "bob"]
threshold = 2
`;
export const aliceKey = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8";
export const bobKey = "ed25519:XQLkQaKW7dsDMpePeXt2OCuhFm75B6QJNuQLaJ-rKO8";
export const strangerKey = "ed25519:ZqaHSxaTrimbHDE4U5ToZcWIcmNeySoY2yNFmy7lKGI";
export const keys = `
[trust]
keyring = { file = "keyring.json" }
[signers.alice-key]
kind = "key"
key = "${aliceKey}"
[signers.bob-key]
kind = "key"
key = "bob-2026"
[groups.keys]
of = ["alice-key", "bob-key"]
threshold = 2
`;
export const byAlice = { key: aliceKey } as const satisfies CaseSignature;
export const byBob = { key: bobKey, keyName: "bob-2026" } as const satisfies CaseSignature;
export const byStranger = { key: strangerKey } as const satisfies CaseSignature;

export interface Situation extends Omit<PolicyCase, "title" | "expect" | "artifact" | "attestations"> {
  readonly artifact?: PolicyCase["artifact"];
  readonly attestations?: readonly CaseAttestation[];
  readonly more?: readonly Evidence[];
}

/** What the policy `version = 1` with `text` says of a wheel that lacks nothing, except where `situation` differs. */
export function judge(text: string, situation: Situation = {}): Verdict {
  const given = { artifact: wheel, attestations: ["none"] as const, ...situation };
  return decide(
    parsePolicy(`version = 1\n${text}`, "policy.toml"),
    subjectOf(given),
    [...evidenceOf(given), ...(given.more ?? [])],
    now,
  );
}

/** `deny attestation-absent`: the decision and the ids of the findings. */
export function brief(verdict: Verdict): string {
  return [verdict.decision, ...verdict.findings.map(({ id }) => id)].join(" ");
}

export function briefly(text: string, situation?: Situation): string {
  return brief(judge(text, situation));
}

/** What becomes of `expected` where the rule only warns. */
export const asWarning = (expected: string) => expected.replace(/^(deny|undecided)/, "allow");

/** The same as `judge`, of `[default]` with `text`, and with an exception that waives `waive` for demo. */
export function excepted(waive: string, text: string, situation: Situation = {}, more = ""): Verdict {
  const exception = `[[exception]]
id = "EX-12"
match = { name = "demo" }
waive = ["${waive}"]
reason = "there is none"
owner = "security@example.org"
expires = 2026-11-21
`;
  return judge(`${signers}${keys}[default]\n${text}\n${exception}${more}`, situation);
}
