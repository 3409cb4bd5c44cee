import { basename, resolve } from "node:path";
import { inNormalForm } from "../../distribution/project-name.ts";
import { messageOf, TrustError, UsageError } from "../../errors.ts";
import { checkRole, isProjectGlob, type KeyringContents, type NamedKey, type Role } from "../../keyring/key-list.ts";
import type { KeyringMember } from "../../keyring/keyring.ts";
import { repositoryFolder } from "../../keyring/repository-folder.ts";
import { thumbprintOf } from "../../signature/signing-keys.ts";
import type { KeyringAddOptions, KeyringInitOptions, KeyringRemoveOptions } from "../command-line/keys.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { openRepository, pinName, say, writeDraft, writePin } from "../settings/keyring-folder.ts";
import { publicKeyId } from "../signing/key-file.ts";

/** Commands that make a draft of a keyring, for its roots to sign. */

/** For which users take what a fresh key says, at most: a week. */
const maxLifetime = 7 * 86_400_000;

/** `tspip keyring init`: a draft with roots and no other keys, and the file that users pin. */
export async function keyringInit(path: string, options: KeyringInitOptions, host: Host): Promise<number> {
  const folder = repositoryFolder(resolve(host.cwd, path));
  if ((await folder.read(pinName)) !== undefined)
    throw new UsageError("file-exists", `There is a keyring in "${path}" already`);
  const { name, form, url } = options;
  const roots = await namedKeys(options.root, host);
  const threshold = options.threshold ?? Math.floor(roots.length / 2) + 1;
  if (form === "tuf" && url === undefined)
    throw new UsageError("url-missing", "--form tuf needs --url: where the repository will be served");
  const contents: KeyringContents = {
    name,
    roots: checkRoleOf({ threshold, keys: roots }, "roots"),
    fresh: checkRoleOf({ threshold: 1, keys: await namedKeys(options.fresh, host) }, "fresh"),
    members: [],
    revoked: [],
  };
  await writePin(
    folder,
    form === "tuf"
      ? { form, url: url ?? "", root: "1.root.json" }
      : { form, name, from: url ?? ".", roots: contents.roots, maxLifetime },
  );
  const repository = await openRepository(folder, path);
  await writeDraft(repository, contents, options.days, host);
  say(host, `Drafted "${name}" in ${path}: ${threshold} of ${roots.length} roots have to sign (tspip keyring sign)`);
  return exitCodes.done;
}

/** `tspip keyring add` */
export async function keyringAdd(path: string, name: string, options: KeyringAddOptions, host: Host): Promise<number> {
  const id = await publicKeyId(options.key, host);
  return change(path, options, host, (contents) => {
    if (contents.revoked.some(({ thumbprint }) => thumbprint === thumbprintOf(id)))
      throw new UsageError("key-revoked", `This key was revoked: make a new one for "${name}"`);
    if (options.as !== "signer") return withRole(contents, options.as, (keys) => [...keys, { name, id }]);
    const { project: projects = [], role, validFrom, validUntil } = options;
    if (projects.length === 0)
      throw new UsageError("project-missing", "Say what the key may sign: --project NAME (repeatable)");
    const member: KeyringMember = {
      name,
      id,
      projects: projects.map(projectGlob),
      ...(role !== undefined && { role }),
      ...(validFrom !== undefined && { validFrom }),
      ...(validUntil !== undefined && { validUntil }),
    };
    checkRoleOf({ threshold: 1, keys: [...contents.members, member] }, "keys");
    return { ...contents, members: [...contents.members, member] };
  });
}

/** `tspip keyring remove` */
export async function keyringRemove(
  path: string,
  name: string,
  options: KeyringRemoveOptions,
  host: Host,
): Promise<number> {
  return change(path, options, host, (contents) => {
    const part = { signer: contents.members, root: contents.roots.keys, fresh: contents.fresh.keys }[options.as];
    const gone = part.find((key) => key.name === name);
    if (gone === undefined) {
      const names = part.map((key) => `"${key.name}"`).join(", ");
      throw new UsageError(
        "no-such-key",
        `There is no ${options.as} "${name}" in the keyring; there is ${names || "none"}`,
      );
    }
    const without =
      options.as === "signer"
        ? { ...contents, members: contents.members.filter((member) => member !== gone) }
        : withRole(contents, options.as, (keys) => keys.filter((key) => key !== gone));
    if (options.revoke === undefined) return without;
    const from = new Date(Math.floor(host.now().getTime() / 1000) * 1000);
    return {
      ...without,
      revoked: [...without.revoked, { thumbprint: thumbprintOf(gone.id), from, reason: options.revoke }],
    };
  });
}

/** A draft from what was signed last, or from the draft that is there. */
async function change(
  path: string,
  { threshold, days }: { readonly threshold?: number | undefined; readonly days: number },
  host: Host,
  edit: (contents: KeyringContents) => KeyringContents,
): Promise<number> {
  const repository = await openRepository(repositoryFolder(resolve(host.cwd, path)), path);
  const draft = await repository.draft();
  const before = draft ?? (await repository.signed());
  if (before === undefined)
    throw new UsageError("keyring-absent", `The keyring in "${path}" has no draft and no version`);
  const edited = edit(before);
  const roots = checkRoleOf({ ...edited.roots, ...(threshold !== undefined && { threshold }) }, "roots");
  await writeDraft(repository, { ...edited, roots, fresh: checkRoleOf(edited.fresh, "fresh") }, days, host);
  const lost = draft?.standings.find(({ signed }) => signed.length > 0);
  if (lost !== undefined)
    say(host, `Signatures of the earlier draft are gone: ${lost.signed.join(", ")} must sign again`);
  say(host, `Drafted version ${(await repository.draft())?.version}: ${roots.threshold} roots have to sign it`);
  return exitCodes.done;
}

/** `NAME=KEY`, or a file whose name will do. */
function namedKeys(words: readonly string[], host: Host): Promise<NamedKey[]> {
  return Promise.all(
    words.map(async (word) => {
      const [, name, key] = /^([\w.-]+)=(.+)$/.exec(word) ?? [];
      const id = await publicKeyId(key ?? word, host);
      return { id, name: name ?? (word.includes(":") ? word : basename(word).replace(/\.(?:pub|pem|pem\.pub)$/, "")) };
    }),
  );
}

function withRole(
  contents: KeyringContents,
  part: "root" | "fresh",
  edit: (keys: readonly NamedKey[]) => readonly NamedKey[],
): KeyringContents {
  const name = part === "root" ? "roots" : "fresh";
  return { ...contents, [name]: { ...contents[name], keys: edit(contents[name].keys) } };
}

/** What nobody could sign is a mistake of the request. @throws UsageError */
function checkRoleOf(role: Role, what: string): Role {
  try {
    checkRole(role, what);
    return role;
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new UsageError("invalid-keyring", `Cannot draft the keyring: ${messageOf(error)}`);
  }
}

function projectGlob(text: string): string {
  const normal = inNormalForm(text);
  if (isProjectGlob(normal)) return normal;
  throw new UsageError("invalid-project", `"${text}" is no project: a name, "PREFIX-*" or "*"`);
}
