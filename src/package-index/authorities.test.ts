import assert from "node:assert/strict";
import { test } from "node:test";
import { getCACertificates } from "node:tls";
import { joinedAuthorities } from "./authorities.ts";

const [one = "", two = "", three = ""] = getCACertificates("bundled");

test("an authority that Node.js and the user name is there once, however its lines are broken", () => {
  const broken = two.replaceAll("\n", "").replace(/(-----BEGIN CERTIFICATE-----)(.*)(-----END)/, "$1\n$2\n$3");
  const [first, second, others = "", ...more] = joinedAuthorities([one, two], `${broken}\n# another\n${three}\n`) ?? [];
  assert.deepEqual([first, second, more], [one, two, []]);
  assert.ok(others.includes(three.trim()));
  assert.ok(!others.includes(broken.trim()));
});

test("a list that adds nothing leaves Node's own authorities as they are", () => {
  assert.equal(joinedAuthorities([one, two], `# ours\n${two}${one}`), undefined);
  assert.equal(joinedAuthorities([one], ""), undefined);
});

test("what is no plain certificate stays for OpenSSL to read", () => {
  const trusted = three.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE");
  assert.deepEqual(joinedAuthorities([one], trusted), [one, trusted]);
});
