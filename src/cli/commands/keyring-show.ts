import { resolve } from "node:path";
import { formatTime } from "../../keyring/members.ts";
import { repositoryFolder } from "../../keyring/repository-folder.ts";
import type { KeyringShowOptions } from "../command-line/keys.ts";
import { exitCodes } from "../exit-code.ts";
import { openTransport } from "../gate/index-client.ts";
import type { Host } from "../host.ts";
import { describe, describeMembers, openRepository, say, standingWords } from "../settings/keyring-folder.ts";
import { policyInForce } from "../settings/policy-in-force.ts";

/** `tspip keyring show` */
export async function keyringShow(path: string | undefined, options: KeyringShowOptions, host: Host): Promise<number> {
  return path === undefined ? showInUse(options, host) : showInTheMaking(path, host);
}

async function showInTheMaking(path: string, host: Host): Promise<number> {
  const repository = await openRepository(repositoryFolder(resolve(host.cwd, path)), path);
  const [signed, draft, until] = await Promise.all([
    repository.signed(),
    repository.draft(),
    repository.currentUntil(),
  ]);
  if (signed !== undefined) {
    describe(signed, "Signed", host);
    say(
      host,
      until === undefined
        ? "Not refreshed yet"
        : `Current until ${formatTime(until)}${until <= host.now() ? ", which is past: tspip keyring refresh" : ""}`,
    );
  }
  if (draft !== undefined) {
    describe(draft, "Draft", host);
    for (const line of draft.standings.map(standingWords)) say(host, `  ${line}`);
  }
  return exitCodes.done;
}

/** What the gate would make of it now; what is accepted is kept, as when the gate asks. */
async function showInUse(options: KeyringShowOptions, host: Host): Promise<number> {
  const { loadKeyring, namedKeyring } = await import("../settings/keyring-in-force.ts");
  const named = await namedKeyring(options.keyring, await policyInForce(options.policy, host), host);
  await using transport = await openTransport(options, host);
  const { name, version, currentUntil, members, revoked } = await loadKeyring(named, transport, host);
  say(host, `Keyring "${name}", version ${version}, current until ${formatTime(currentUntil)}`);
  describeMembers(members, revoked, host);
  say(host, `What was accepted is kept in ${named.stateFolder}`);
  return exitCodes.done;
}
