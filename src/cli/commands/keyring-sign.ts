import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { formatTime } from "../../keyring/members.ts";
import { parsePin } from "../../keyring/pin.ts";
import { isComplete, type KeyringRepository } from "../../keyring/repository.ts";
import { type RepositoryFolder, repositoryFolder } from "../../keyring/repository-folder.ts";
import type { KeyringRefreshOptions, KeyringSignOptions } from "../command-line/keys.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import {
  describe,
  openRepository,
  pinName,
  say,
  standingWords,
  writeDraft,
  writePin,
} from "../settings/keyring-folder.ts";
import { fileSigner } from "../signing/key-file.ts";
import { createTalk } from "../terminal.ts";

/** Commands that put a keyring into force: its roots sign the draft, its fresh key says that it is current. */

const hour = 3_600_000;

/** `tspip keyring sign` */
export async function keyringSign(path: string, options: KeyringSignOptions, host: Host): Promise<number> {
  const talk = createTalk(options, host);
  const folder = repositoryFolder(resolve(host.cwd, path));
  const repository = await openRepository(folder, path);
  const signer = await fileSigner(options.key, options, talk, host);
  if (options.renew !== undefined) await renew(repository, options.renew, host);
  const draft = await repository.draft();
  if (draft !== undefined) describe(draft, "Signing", host);
  const standings = await repository.sign(signer);
  for (const line of standings.map(standingWords)) say(host, line);
  if (!isComplete(standings)) return exitCodes.done;
  await updatePin(folder, repository);
  say(host, "Enough have signed: tspip keyring refresh makes it the keyring that is served");
  return exitCodes.done;
}

/** The same once more, for as many days. Where there is a draft, the others sign that. */
async function renew(repository: KeyringRepository, days: number, host: Host): Promise<void> {
  const [draft, signed] = [await repository.draft(), await repository.signed()];
  if (draft === undefined && signed !== undefined) await writeDraft(repository, signed, days, host);
}

/** Who pins the keyring from now on begins with the roots of now. A TUF repository is pinned by its first root. */
async function updatePin(folder: RepositoryFolder, repository: KeyringRepository): Promise<void> {
  const [bytes, signed] = [await folder.read(pinName), await repository.signed()];
  if (bytes === undefined || signed === undefined) return;
  const pin = parsePin(bytes);
  if (pin.form === "plain") await writePin(folder, { ...pin, roots: signed.roots, version: signed.version });
}

/** `tspip keyring refresh` */
export async function keyringRefresh(path: string, options: KeyringRefreshOptions, host: Host): Promise<number> {
  const talk = createTalk(options, host);
  const folder = repositoryFolder(resolve(host.cwd, path));
  const repository = await openRepository(folder, path);
  await checkHours(options.hours, folder);
  const signer = await fileSigner(options.key, options, talk, host);
  const issued = host.now();
  await repository.refresh(signer, issued, new Date(issued.getTime() + options.hours * hour));
  const until = await repository.currentUntil();
  say(host, `Version ${(await repository.signed())?.version} is current until ${until && formatTime(until)}`);
  if ((await repository.draft()) !== undefined) talk.warn("There is a draft that the roots have not signed yet");
  return exitCodes.done;
}

async function checkHours(hours: number, folder: RepositoryFolder): Promise<void> {
  const bytes = await folder.read(pinName);
  const pin = bytes && parsePin(bytes);
  const most = pin?.form === "plain" ? pin.maxLifetime / hour : Number.POSITIVE_INFINITY;
  if (hours < 1 || hours > most)
    throw new UsageError("invalid-hours", `--hours is ${hours}: from 1 to ${most}, which is what users accept`);
}
