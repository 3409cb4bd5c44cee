import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { keyIdOfJwk } from "../signature/signing-keys.ts";
import { type PlainPin, type PlainState, verifyPlain } from "./verify-plain.ts";

/** The plain form's documents as somebody else made them, with what each pair is worth at a time and after what. */

const shared = new URL("../../../shared/signatures/freshness/", import.meta.url);
const skip = existsSync(shared) ? {} : { skip: "the shared keyring vectors are not there" };
const read = (name = "") => readFileSync(new URL(name, shared));

interface Case {
  readonly state: number | null;
  readonly files: readonly [string, string];
  readonly expect: string;
}

test("all cases of currency come out as expected", skip, () => {
  const { now, pinned, cases } = JSON.parse(read("expected.json").toString());
  const roots = pinned.roots.map(({ name, jwk }: { name: string; jwk: { crv: string } }) => ({
    name,
    id: keyIdOfJwk(jwk),
  }));
  const pin: PlainPin = {
    name: pinned.name,
    roots: { threshold: pinned.threshold, keys: roots },
    maxLifetime: 7 * 86_400_000,
  };
  const at = new Date(now);
  const stateAfter = (version: number | null): PlainState | undefined => {
    if (version === null) return undefined;
    const offer = { keys: read(`${version}.keys.jws`), current: read(`${version}.current.jws`) };
    return verifyPlain(offer, undefined, pin, at).state;
  };
  assert.equal(cases.length, 15);
  for (const { state, files, expect } of cases as readonly Case[]) {
    const [keys, current] = [read(files[0]), read(files[1])];
    const verify = () => verifyPlain({ keys, current }, stateAfter(state), pin, at);
    const what = `${state} ${files.join(" ")}: ${expect}`;
    if (expect.startsWith("reject")) {
      assert.throws(verify, { name: "TrustError", code: /^keyring-(?:refused|expired)$/ }, what);
      continue;
    }
    const { keyring } = verify();
    assert.equal(keyring.version, Number(/v(\d)/.exec(expect)?.[1]), what);
    assert.match(what, /trusted/);
    const names = keyring.members.map(({ name }) => name).join(", ");
    const listed = /v\d: (.+?)(?: until|;)/.exec(expect)?.[1];
    if (listed !== undefined) assert.equal(names, listed, what);
    if (expect.includes("revoked")) assert.equal(keyring.revoked.length, 1, what);
  }
});
