import { UsageError } from "../../errors.ts";
import type { KeyringContents } from "../../keyring/key-list.ts";
import type { KeyringMember } from "../../keyring/keyring.ts";
import { formatTime } from "../../keyring/members.ts";
import { formatPin, type KeyringPin, parsePin } from "../../keyring/pin.ts";
import { plainRepository } from "../../keyring/plain-repository.ts";
import type { KeyringRepository, KeyringVersion, Standing } from "../../keyring/repository.ts";
import type { RepositoryFolder } from "../../keyring/repository-folder.ts";
import type { Host } from "../host.ts";
import { printableLine } from "../terminal.ts";

/** What the commands for keyrings have in common. */

export const pinName = "keyring.json";

/** The keyring in a folder, in whichever form it was begun. @throws UsageError, TrustError */
export async function openRepository(folder: RepositoryFolder, path: string): Promise<KeyringRepository> {
  const bytes = await folder.read(pinName);
  if (bytes === undefined)
    throw new UsageError("keyring-absent", `There is no keyring in "${path}"`, {
      hint: "tspip keyring init begins one",
    });
  if (parsePin(bytes).form === "plain") return plainRepository(folder);
  return (await import("../../keyring/tuf-repository.ts")).tufRepository(folder);
}

/** Writes the file that users pin. */
export function writePin(folder: RepositoryFolder, pin: KeyringPin): Promise<void> {
  return folder.write(pinName, `${JSON.stringify(formatPin(pin), undefined, 2)}\n`);
}

/** @param days for how many from now on it will be good, once it is signed */
export async function writeDraft(
  repository: KeyringRepository,
  contents: KeyringContents,
  days: number,
  { now }: Host,
): Promise<void> {
  const issued = now();
  await repository.writeDraft(contents, issued, new Date(issued.getTime() + days * 86_400_000));
}

/** A version of it, signed or drafted, line by line. */
export function describe(version: KeyringVersion, what: string, host: Host): void {
  const { name, members, revoked, roots, fresh } = version;
  say(host, `${what}: "${name}", version ${version.version}, until ${formatTime(version.expires)}`);
  for (const key of roots.keys) say(host, `  root ${key.name}: ${key.id}`);
  say(host, `  ${roots.threshold} of ${roots.keys.length} roots decide`);
  for (const key of fresh.keys) say(host, `  fresh ${key.name}: ${key.id}`);
  describeMembers(members, revoked, host);
}

export function describeMembers(
  members: readonly KeyringMember[],
  revoked: KeyringVersion["revoked"],
  host: Host,
): void {
  for (const { name, id, role, projects, validFrom, validUntil } of members) {
    const from = validFrom === undefined ? "" : `, from ${formatTime(validFrom)}`;
    const until = validUntil === undefined ? "" : `, until ${formatTime(validUntil)}`;
    say(host, `  ${role ?? "signer"} ${name}: ${id} for ${projects.join(", ")}${from}${until}`);
  }
  for (const { thumbprint, from, reason } of revoked)
    say(host, `  revoked ${thumbprint} from ${formatTime(from)}: ${reason}`);
}

export function standingWords({ role, signed, threshold }: Standing): string {
  const who = signed.length === 0 ? "nobody" : signed.join(", ");
  return `${role}: ${signed.length} of ${threshold} needed have signed (${who})`;
}

export function say(host: Host, text: string): void {
  host.stdout.write(`${printableLine(text)}\n`);
}
