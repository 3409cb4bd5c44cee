import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { forms, setKeyringScene } from "../../testing/keyring-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";

/**
 * The life of a keyring, as docs/keyring.md tells it: what each person types, and what users see meanwhile. Both forms
 * live the same life.
 */

const hour = 3_600_000;

for (const form of forms) {
  test(`${form}: keys that the keyring shows to be current count by name, online and offline`, async () => {
    await using scene = await setKeyringScene(form);
    assert.deepEqual((await scene.verify()).ids, ["signature-absent"]);
    await scene.sign("alice");
    const first = await scene.verify();
    assert.equal(first.exitCode, 0, first.text);
    assert.match(first.text, /"key_name":"alice"/);
    const offline = await scene.verify("--offline", scene.wheel.filename);
    assert.equal(offline.exitCode, 0, offline.text);
    const shown = await scene.type("keyring", "show", "--policy", "policy.toml");
    assert.match(shown, /Keyring "example\.org\/wheels", version 1, current until/);
    assert.match(shown, /alice: ed25519:\S+ for demo/);
    const others = makeWheel({ name: "other" });
    scene.write(others.filename, others.bytes);
    await scene.sign("alice", others.filename);
    assert.deepEqual(
      (await scene.verify(others.filename)).ids,
      ["signer-mismatch"],
      "alice signs demo and nothing else",
    );
  });

  test(`${form}: a weekend without a refresh leaves all open, and a refresh mends it`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.sign("alice");
    assert.equal((await scene.verify()).exitCode, 0);
    scene.pass(49 * hour);
    const monday = await scene.verify();
    assert.deepEqual([monday.exitCode, monday.ids], [3, ["evidence-unavailable"]]);
    assert.match(monday.text, /good until/);
    await scene.type("keyring", "refresh", "k", "--key", "daily.pem", "--hours", "96");
    scene.serve("k");
    assert.equal((await scene.verify()).exitCode, 0);
    scene.pass(90 * hour);
    assert.equal((await scene.verify()).exitCode, 0);
  });

  test(`${form}: a lost key is replaced, and the new one counts in its place`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.newKey("alice2");
    await scene.type("keyring", "remove", "k", "alice");
    await scene.type("keyring", "add", "k", "alice", "--key", "alice2.pem.pub", "--project", "demo");
    await scene.publish("root2", "root3");
    await scene.sign("alice");
    assert.deepEqual((await scene.verify()).ids, ["signer-mismatch"]);
    await scene.sign("alice2");
    assert.equal((await scene.verify()).exitCode, 0);
  });

  test(`${form}: a stolen key is revoked, for what it signed before as well, and older files bring it back nowhere`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.sign("alice");
    assert.equal((await scene.verify()).exitCode, 0);
    scene.keep("before");
    await scene.type("keyring", "remove", "k", "alice", "--revoke", "stolen");
    await scene.publish("root1", "root3");
    const stolen = await scene.verify();
    assert.deepEqual([stolen.exitCode, stolen.ids], [1, ["key-not-current"]]);
    scene.serve("before");
    const rolledBack = await scene.verify();
    assert.notEqual(rolledBack.exitCode, 0, rolledBack.text);
    const again = ["keyring", "add", "k", "alice", "--key", "alice.pem.pub", "--project", "demo"];
    assert.match(await scene.mistyped(...again), /revoked/);
  });

  test(`${form}: roots change, twice, and users follow from the pin they began with`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.sign("alice");
    for (const name of ["root4", "root5", "root6"]) await scene.newKey(name);
    const replace = async (old: string, fresh: string) => {
      await scene.type("keyring", "remove", "k", old, "--as", "root");
      await scene.type("keyring", "add", "k", fresh, "--as", "root", "--key", `${fresh}.pem.pub`);
    };
    await replace("root3", "root4");
    await replace("root2", "root5");
    // Two of those before (root1, root2) and two of those from now on (root1, root4, root5).
    await scene.signedBy("root1", "root2");
    const half = await scene.type("keyring", "show", "k");
    assert.match(half, /roots: 1 of 2 needed have signed \(root1\)/);
    assert.match(half, /earlier roots: 2 of 2 needed have signed \(root1, root2\)/);
    await scene.signedBy("root4");
    await replace("root1", "root6");
    await scene.publish("root4", "root5");
    const followed = await scene.verify();
    assert.equal(followed.exitCode, 0, followed.text);
    await scene.mistyped("keyring", "sign", "k", "--key", "root1.pem");
  });

  test(`${form}: fewer roots than needed, a stranger, or the fresh key alone change nothing`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.newKey("mallory");
    await scene.type("keyring", "add", "k", "mallory", "--key", "mallory.pem.pub", "--project", "*");
    await scene.publish("root1");
    for (const key of ["daily.pem", "mallory.pem"]) await scene.mistyped("keyring", "sign", "k", "--key", key);
    assert.doesNotMatch(await scene.type("keyring", "show", "--policy", "policy.toml"), /mallory/);
    await scene.mistyped("keyring", "refresh", "k", "--key", "root1.pem");
  });

  test(`${form}: the fresh key is replaced, and a year later the roots sign the same again`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.sign("alice");
    assert.equal((await scene.verify()).exitCode, 0);
    await scene.newKey("daily2");
    await scene.type("keyring", "add", "k", "daily2", "--as", "fresh", "--key", "daily2.pem.pub");
    await scene.type("keyring", "remove", "k", "daily", "--as", "fresh");
    await scene.signedBy("root1", "root2");
    await scene.mistyped("keyring", "refresh", "k", "--key", "daily.pem");
    const daily = async () => {
      await scene.type("keyring", "refresh", "k", "--key", "daily2.pem");
      scene.serve("k");
    };
    await daily();
    assert.equal((await scene.verify()).exitCode, 0);

    scene.pass(366 * 24 * hour);
    await daily();
    const ended = await scene.verify();
    assert.deepEqual([ended.exitCode, ended.ids], [3, ["evidence-unavailable"]]);
    await scene.type("keyring", "sign", "k", "--key", "root1.pem", "--renew", "365");
    await scene.type("keyring", "sign", "k", "--key", "root2.pem", "--renew", "365");
    await daily();
    assert.equal((await scene.verify()).exitCode, 0);
  });

  test(`${form}: a clock that was set back is noticed`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.sign("alice");
    assert.equal((await scene.verify()).exitCode, 0);
    scene.pass(-2 * hour);
    const { exitCode, text } = await scene.verify();
    assert.equal(exitCode, 3);
    assert.match(text, /The clock says/);
  });

  test(`${form}: a server that is away leaves what was had before, as long as that is current`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.sign("alice");
    assert.equal((await scene.verify()).exitCode, 0);
    scene.index.fault = (_, response) => {
      response.writeHead(503).end();
      return true;
    };
    assert.equal((await scene.verify()).exitCode, 0);
    scene.index.fault = (_, response) => {
      response.writeHead(200, { "content-length": 5000 }).write("{");
      setTimeout(() => response.destroy(), 10);
      return true;
    };
    const brokenOff = await scene.verify();
    assert.equal(brokenOff.exitCode, 0, brokenOff.text);
    scene.pass(49 * hour);
    const ended = await scene.verify();
    assert.equal(ended.exitCode, 3);
    assert.doesNotMatch(ended.text, /refused/);
    scene.index.fault = (_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<html>");
      return true;
    };
    assert.match((await scene.verify()).text, /keys\.jws of the keyring: Cannot read|the TUF root cannot be read/);
  });

  test(`${form}: nothing is refreshed before the roots have signed, nor for longer than users accept`, async () => {
    await using scene = await setKeyringScene(form);
    const begin = [
      "--name",
      "n",
      "--root",
      "root1.pem.pub",
      "--fresh",
      "daily.pem.pub",
      "--url",
      "https://example.org/",
    ];
    await scene.type("keyring", "init", "new", "--form", form, ...begin);
    assert.match(await scene.mistyped("keyring", "refresh", "new", "--key", "daily.pem"), /The roots sign first/);
    await scene.mistyped("keyring", "init", "new", "--form", form, ...begin);
    await scene.mistyped("keyring", "init", "zero", "--form", form, ...begin, "--threshold", "0");
    if (form === "plain") await scene.mistyped("keyring", "refresh", "k", "--key", "daily.pem", "--hours", "169");
  });

  test(`${form}: a broken file of a keyring in the making is told, whatever is done next`, async () => {
    await using scene = await setKeyringScene(form);
    await scene.type("keyring", "remove", "k", "bob");
    await scene.signedBy("root1");
    const [whole, bent] = [join(scene.folder, "k"), join(scene.folder, "bent")];
    const files = readdirSync(whole, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(?:json|jws)$/.test(name),
    );
    const texts = ["{", "[]", "{}", '{"signed":{},"signatures":[]}', '{"payload":"e30","signatures":[]}'];
    const nexts = [
      ["show", "bent"],
      ["refresh", "bent", "--key", "daily.pem"],
      ["sign", "bent", "--key", "root2.pem"],
    ];
    for (const file of files)
      for (const text of texts) {
        cpSync(whole, bent, { recursive: true });
        writeFileSync(join(bent, file), text);
        for (const argv of nexts) {
          const { exitCode, stderr } = await scene.tspipOn({}, "keyring", ...argv);
          assert.notEqual(exitCode, 70, `${file} ${text}: ${stderr}`);
        }
        rmSync(bent, { recursive: true });
      }
  });
}

test("a policy names a TUF repository and the root it began with, without a file between", async () => {
  await using scene = await setKeyringScene("tuf");
  const policy = readFileSync(join(scene.folder, "policy.toml"), "utf8");
  const place = `{ tuf = "${scene.index.origin}/keyring/", root = "pin/1.root.json" }`;
  scene.write("policy.toml", policy.replace('{ file = "pin/keyring.json" }', place));
  await scene.sign("alice");
  const { exitCode, text } = await scene.verify();
  assert.equal(exitCode, 0, text);
});

test("a pin that was handed out later takes no list from before", async () => {
  await using scene = await setKeyringScene("plain");
  await scene.sign("alice");
  scene.keep("before");
  await scene.type("keyring", "remove", "k", "alice", "--revoke", "stolen");
  await scene.publish("root1", "root3");
  scene.write("pin/keyring.json", readFileSync(join(scene.folder, "k/keyring.json")));
  scene.serve("before");
  const { exitCode, text } = await scene.verify();
  assert.equal(exitCode, 3);
  assert.match(text, /version 1, and version 2 is pinned/);
});

test("users follow two changes of roots from a pin that was handed out later, too", async () => {
  await using scene = await setKeyringScene("plain");
  await scene.sign("alice");
  for (const name of ["root4", "root5", "root6", "root7"]) await scene.newKey(name);
  const replace = async (old: string, fresh: string, ...signers: string[]) => {
    await scene.type("keyring", "remove", "k", old, "--as", "root");
    await scene.type("keyring", "add", "k", fresh, "--as", "root", "--key", `${fresh}.pem.pub`);
    await scene.publish(...signers);
  };
  await replace("root2", "root4", "root1", "root3");
  await replace("root1", "root5", "root3", "root4");
  // Of those who signed the first version, nobody is a root any more.
  scene.write("pin/keyring.json", readFileSync(join(scene.folder, "k/keyring.json")));
  await replace("root3", "root6", "root4", "root5");
  await replace("root4", "root7", "root5", "root6");
  const followed = await scene.verify();
  assert.equal(followed.exitCode, 0, followed.text);
});

test("what was accepted under one pin is not older under another with the same roots", async () => {
  await using scene = await setKeyringScene("plain");
  await scene.sign("alice");
  scene.keep("before");
  await scene.type("keyring", "remove", "k", "alice", "--revoke", "stolen");
  await scene.publish("root1", "root3");
  scene.write("later/keyring.json", readFileSync(join(scene.folder, "k/keyring.json")));
  const wheel = `./${scene.wheel.filename}`;
  assert.deepEqual((await scene.verify("--keyring", "later/keyring.json", wheel)).ids, ["key-not-current"]);
  scene.serve("before");
  const { exitCode, text } = await scene.verify("--keyring", "pin/keyring.json", wheel);
  assert.equal(exitCode, 3, text);
  assert.match(text, /has version 1, and version 2 was there before/);
});

test("a folder's documents that are too large, or never end, are not read", async () => {
  await using scene = await setKeyringScene("plain");
  await scene.sign("alice");
  scene.write(
    "stick/keyring.json",
    JSON.stringify({ ...JSON.parse(readFileSync(join(scene.folder, "k/keyring.json"), "utf8")), from: "." }),
  );
  const current = join(scene.folder, "stick/current.jws");
  scene.write("stick/keys.jws", readFileSync(join(scene.folder, "k/keys.jws")));
  const told = async () => {
    const { exitCode, text } = await scene.verify("--keyring", "stick/keyring.json", `./${scene.wheel.filename}`);
    assert.equal(exitCode, 3, text);
    return text;
  };
  symlinkSync("/dev/zero", current);
  assert.match(await told(), /Cannot read \\".*current\.jws\\": it is no regular file/);
  rmSync(current);
  writeFileSync(current, "");
  truncateSync(current, 2 ** 33);
  assert.match(await told(), /current\.jws\\": it has 8589934592 bytes/);
});

test("a key counts from its first day on, and until its last", async () => {
  await using scene = await setKeyringScene("plain");
  const today = new Date().toISOString().slice(0, 10);
  await scene.type("keyring", "remove", "k", "alice");
  const again = ["keyring", "add", "k", "alice", "--key", "alice.pem.pub", "--project", "demo"];
  await scene.type(...again, "--valid-until", today);
  await scene.publish("root1", "root2");
  await scene.sign("alice");
  assert.deepEqual((await scene.verify()).ids, ["key-not-current"]);
  const id = await scene.keyId("alice");
  const policy = readFileSync(join(scene.folder, "policy.toml"), "utf8");
  scene.write("policy.toml", policy.replace('key = "alice"', `key = "${id}"`));
  assert.equal((await scene.verify()).exitCode, 0, "the policy writes it out");
});

test("keys of the keyring and keys written out reach a threshold together by vouch", async () => {
  await using scene = await setKeyringScene("plain");
  const two = makeWheel({ name: "demo", version: "2.0" });
  scene.write(two.filename, two.bytes);
  await scene.sign("alice", two.filename);
  assert.deepEqual((await scene.verify(two.filename)).ids, ["threshold-not-met"]);
  await scene.sign("bob", two.filename);
  assert.equal((await scene.verify(two.filename)).exitCode, 0);
});

test("a policy that writes a key out takes it without the keyring, unless the keyring revoked it", async () => {
  await using scene = await setKeyringScene("plain");
  const id = await scene.keyId("alice");
  scene.write(
    "policy.toml",
    `version = 1
[trust]
keyring = { file = "pin/keyring.json" }
[signers.alice]
kind = "key"
key = "${id}"
[default]
attestation = "ignore"
signatures = { signer = "alice" }
`,
  );
  await scene.sign("alice");
  scene.index.fault = undefined;
  assert.equal((await scene.verify()).exitCode, 0, "nothing of the keyring could be had");
  await scene.type("keyring", "remove", "k", "alice", "--revoke", "stolen");
  await scene.signedBy("root1", "root3");
  await scene.type("keyring", "refresh", "k", "--key", "daily.pem");
  const { exitCode, ids } = await scene.verify("--keyring", "local.json", scene.wheel.filename);
  assert.deepEqual([exitCode, ids], [0, []], "a keyring that cannot be read says nothing of a key");
  const pin = JSON.parse(readFileSync(join(scene.folder, "k/keyring.json"), "utf8"));
  scene.write("k/keyring.json", JSON.stringify({ ...pin, from: "." }));
  const revoked = await scene.verify("--keyring", "k/keyring.json", scene.wheel.filename);
  assert.deepEqual([revoked.exitCode, revoked.ids], [1, ["key-not-current"]]);
  scene.pass(49 * hour);
  const ended = await scene.verify("--keyring", "k/keyring.json", scene.wheel.filename);
  assert.deepEqual([ended.exitCode, ended.ids], [0, []], "nor does one that has ended");
});

test("a key on the deny list stays denied when the keyring revokes it, lets it expire or drops it", async () => {
  await using scene = await setKeyringScene("plain");
  const id = await scene.keyId("alice");
  const signers = `[signers.bob]\nkind = "key"\nkey = "bob"\n[signers.stolen]\nkind = "key"\n`;
  const rest = `[floor]\ndeny = [{ signer = "stolen" }]\n[default]\nattestation = "ignore"\nsignatures = { signer = "bob" }\n`;
  const trust = `version = 1\n[trust]\nkeyring = { file = "pin/keyring.json" }\n`;
  scene.write("by-key.toml", `${trust}${signers}key = "${id}"\n${rest}`);
  scene.write("by-name.toml", `${trust}${signers}key = "alice"\n${rest}`);
  const alsoByKey = `[signers.alice]\nkind = "key"\nkey = "${id}"\n`;
  scene.write("both.toml", `${trust}${alsoByKey}${signers}key = "alice"\n${rest}`);
  for (const key of ["bob", "alice"]) await scene.sign(key);
  const refused = async (policy: string, when: string) => {
    const { exitCode, ids, text } = await scene.verify("--policy", policy, `./${scene.wheel.filename}`);
    assert.equal(exitCode, 1, `${when}: ${text}`);
    assert.ok(ids.includes("denied-by-policy"), `${when}: ${text}`);
  };
  const change = async (...argv: string[]) => {
    await scene.type("keyring", ...argv);
    await scene.publish("root1", "root3");
  };
  for (const policy of ["by-key.toml", "by-name.toml", "both.toml"]) await refused(policy, "current");

  await change("remove", "k", "alice");
  await refused("by-key.toml", "dropped");
  const again = ["add", "k", "alice", "--key", "alice.pem.pub"];
  await change(...again, "--project", "other");
  for (const policy of ["by-key.toml", "by-name.toml", "both.toml"]) await refused(policy, "of another project");
  await change("remove", "k", "alice");
  await change(...again, "--project", "demo", "--valid-until", "2026-01-01");
  for (const policy of ["by-key.toml", "by-name.toml", "both.toml"]) await refused(policy, "expired");
  await change("remove", "k", "alice", "--revoke", "stolen");
  await refused("by-key.toml", "revoked");
});

test("a keyring that nobody names cannot be shown", async () => {
  await using scene = await setKeyringScene("plain");
  scene.write("policy.toml", "version = 1\n");
  const { exitCode, stderr } = await scene.tspipAlone("keyring", "show", "--policy", "policy.toml");
  assert.deepEqual([exitCode, stderr], [2, "error: The policy names no keyring\nhint: Give --keyring FILE\n"]);
});
