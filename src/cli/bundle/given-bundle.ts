import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { judgeManifest, type ManifestSigner } from "../../bundle/bundle-signature.ts";
import { type Bundle, openBundle, type SealedBundle } from "../../bundle/open-bundle.ts";
import { ArtifactError, messageOf, UsageError } from "../../errors.ts";
import type { FileOption } from "../../plan/requirements-file.ts";
import { openShared } from "../../threads/shared-bytes.ts";
import type { KeyId } from "../../trust/key-id.ts";
import { type Finding, finding } from "../../verdict/finding.ts";
import { isFindingId } from "../../verdict/finding-catalog.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { createTalk, type Talk } from "../terminal.ts";
import { bundleKeys } from "./bundle-keys.ts";
import { type TakenBundle, takeBundle } from "./taken-bundle.ts";

/** The options of commands that take a bundle. */
export interface BundleOptions
  extends Pick<
    GateOptions,
    "policy" | "lock" | "indexUrl" | "extraIndexUrl" | "findLinks" | "verbose" | "quiet" | "color" | "progress"
  > {
  readonly bundle?: string | undefined;
  readonly bundleKey?: readonly string[] | undefined;
  readonly untrustedBundle?: boolean | undefined;
}

/** What became of `--bundle`. Disposing closes the file and removes what was taken out of it. */
export type BundleAnswer = AsyncDisposable & Answer;

type Answer =
  | { readonly outcome: "taken"; readonly bundle: TakenBundle }
  | { readonly outcome: "refused"; readonly findings: readonly Finding[] };

/**
 * Opens `--bundle`: who made it is judged before anything is taken out of it, and what is taken out lies in a private
 * folder.
 * @throws UsageError, TrustError, ArtifactError, EnvironmentError
 */
export async function givenBundle(shown: string, options: BundleOptions, host: Host): Promise<BundleAnswer> {
  checkAlone(options);
  const accepted = await bundleKeys(options.bundleKey ?? [], host);
  const path = resolve(host.cwd, shown);
  await using rim = new AsyncDisposableStack();
  const file = rim.use(await openFile(path, shown));
  const answer = await refusalOr(async () => {
    const sealed = openBundle(openShared({ kind: "file", descriptor: file.fd, size: (await file.stat()).size }));
    const maker = makerOf(sealed, accepted);
    const isTrusted = maker.outcome === "verified";
    if (!isTrusted && (maker.outcome === "invalid" || options.untrustedBundle !== true))
      return refusal(maker, accepted);
    const bundle = sealed.unseal();
    introduce(shown, bundle, maker, createTalk(options, host));
    const { policy } = options;
    return { outcome: "taken", bundle: await takeBundle(bundle, rim, { shown, path, isTrusted, policy, host }) };
  });
  const owned = rim.move();
  return { ...answer, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function introduce(shown: string, { manifest }: Bundle, maker: Maker, talk: Talk): void {
  if (maker.outcome !== "verified") {
    talk.warn(
      `Nobody who is accepted has made the bundle ${shown}: its files are judged, and nothing else of it is used`,
    );
    return;
  }
  talk.info(`Bundle ${shown}: signed by ${maker.key}`);
  for (const name of manifest.inspectors)
    talk.warn(`The inspector "${name}" has judged where the bundle was made, and does not judge here`);
}

/** What is wrong with the archive has ids of findings already. */
async function refusalOr(open: () => Promise<Answer>): Promise<Answer> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof ArtifactError && isFindingId(error.code))) throw error;
    return { outcome: "refused", findings: [finding(error.code, error.message)] };
  }
}

/** A bundle is the whole of what is asked: an index beside it would be a way around what its maker signed. */
function checkAlone(options: BundleOptions): void {
  const { lock, indexUrl, extraIndexUrl, findLinks } = options;
  const others = Object.entries({
    lock,
    "index-url": indexUrl,
    "extra-index-url": extraIndexUrl,
    "find-links": findLinks,
  });
  const [named] = others.find(([, value]) => value !== undefined) ?? [];
  if (named !== undefined) throw notAlone(`--${named}`);
}

/** The same for what stands in requirements files. @throws UsageError naming the file and the line */
export function checkFilesAlone(options: readonly FileOption[]): void {
  const named = options.find(({ name }) => ["--index-url", "--extra-index-url", "--find-links"].includes(name));
  if (named !== undefined) throw notAlone(named.name, `${named.place}: `);
}

function notAlone(option: string, place = ""): UsageError {
  return new UsageError(
    "wrong-argument",
    `${place}--bundle and ${option} exclude each other: all that is installed is in the bundle`,
  );
}

async function openFile(path: string, shown: string) {
  try {
    // Before it is opened: a pipe would keep us waiting.
    if (!(await stat(path)).isFile()) throw new Error("it is no regular file");
    return await open(path, "r");
  } catch (error) {
    throw new UsageError("no-such-file", `Cannot read the bundle "${shown}": ${messageOf(error)}`, { cause: error });
  }
}

type Maker = ManifestSigner | { readonly outcome: "unknown"; readonly reason: undefined };

function makerOf({ manifest, signature }: SealedBundle, accepted: readonly KeyId[]): Maker {
  return signature === undefined
    ? { outcome: "unknown", reason: undefined }
    : judgeManifest(manifest, signature, accepted);
}

function refusal(maker: Exclude<Maker, { outcome: "verified" }>, accepted: readonly KeyId[]): Answer {
  const refused = (id: Parameters<typeof finding>[0], message: string): Answer => ({
    outcome: "refused",
    findings: [finding(id, message)],
  });
  if (maker.outcome === "invalid")
    return refused("bundle-signature-invalid", `The signature of the bundle does not hold: ${maker.reason}`);
  if (maker.reason === undefined) return refused("bundle-unsigned", "Nobody has signed the bundle");
  const wanted = accepted.length === 0 ? "no key is accepted for bundles" : `accepted: ${accepted.join(", ")}`;
  return refused(
    "bundle-signer-unknown",
    `The bundle is signed by somebody who is not accepted: ${maker.reason}; ${wanted}`,
  );
}
