import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRef } from "../../distribution/artifact.ts";
import { evaluateMarker } from "../../distribution/evaluate-marker.ts";
import { messageOf } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { IndexClient } from "../../package-index/client.ts";
import type { PlanRequest, RequestedRequirement } from "../../plan/plan-request.ts";
import type { Catalog } from "../../proxy/catalog.ts";
import type { Withheld } from "../../proxy/listing.ts";
import { startLoopbackIndex } from "../../proxy/loopback-index.ts";
import type { Resolution } from "../../resolve/engine.ts";
import { judgeForClient, metadataForClient, toFileAnswer } from "../serving/file-answer.ts";
import { chooseEngine } from "./choose-engine.ts";
import type { GateRun, GateTarget } from "./gate-run.ts";
import type { GateSession } from "./gate-session.ts";
import { pagesFirst } from "./pages-first.ts";

/** What choosing versions works with. */
export interface ResolveParts {
  readonly run: GateRun;
  readonly client: IndexClient;
  readonly gate: GateSession;
  readonly target: GateTarget;
}

/** What is to be known of the engine's questions. */
interface Watching {
  /** Takes what inspectors from others refused while the engine looked at it. */
  readonly refused: Withheld[];
  /** The engine has got METADATA of that file, and waits for no page. */
  onMetadata(ref: ArtifactRef): void;
}

/**
 * Has the engine choose versions on a loopback index of ours.
 * @throws what kept that index from answering it, before what the engine makes of that
 */
export async function askEngine(
  asked: readonly RequestedRequirement[],
  catalog: Catalog,
  { refused, onMetadata }: Watching,
  { run, client, gate, target }: ResolveParts,
): Promise<Resolution> {
  const { options, request, talk, host } = run;
  const engine = await chooseEngine({ run, client, gate, target });
  const failures: unknown[] = [];
  const noting = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  const onRefused = ({ ref, verdict }: Judged) => {
    if (verdict.decision === "deny") refused.push({ ref, verdict });
  };
  const pages = pagesFirst();
  await using index = await startLoopbackIndex({
    catalog: { ...catalog, listing: (name) => noting(pages.page(catalog.listing(name))) },
    async metadata(ref) {
      const answer = await noting(metadataForClient(ref, { gate, policy: run.policy, client, onRefused }));
      if (answer instanceof Uint8Array) pages.after(() => onMetadata(ref));
      return answer;
    },
    file: async (ref) => toFileAnswer(await noting(judgeForClient(ref, gate, run.policy))),
  });
  talk.progress(`Choosing versions with ${engine.name}`);
  const constraints = request.plan.constraints.filter((constraint) => applies(constraint, target));
  const resolution = await engine
    .resolve({
      requirements: [...asked.map(requirementLine), ...request.plan.files.map(fileLine)],
      constraints: constraints.map(requirementLine),
      index: index.url,
      python: target.interpreter.executable,
      cache: (await target.engineCache?.folder()) ?? (await mkdtemp(join(gate.directory, "engine-"))),
      preferred: target.preferred,
      prereleases: request.plan.prereleases,
      withDependencies: options.deps,
      directory: await mkdtemp(join(gate.directory, "resolve-")),
      signal: host.signal,
    })
    .catch((error: unknown): Resolution => {
      if (refused.length > 0) return { outcome: "impossible", explanation: messageOf(error) };
      throw failures[0] ?? error;
    });
  // Hundreds of files; the command's end waits for it, and hears of what fails.
  target.engineCache?.remove().catch(() => {});
  // What could not be had upstream is no reason to say that there is no answer.
  if (resolution.outcome === "impossible" && failures.length > 0) throw failures[0];
  return resolution;
}

/** Whether the interpreter fits its marker. */
export function applies({ requirement: { marker } }: RequestedRequirement, { interpreter }: GateTarget): boolean {
  return marker === undefined || evaluateMarker(marker, interpreter.markers);
}

/** Markers were evaluated already, and files of a URL are offered on the index. Written anew, so that it is one line. */
function requirementLine({ requirement }: RequestedRequirement): string {
  const { name, extras, specifiers, url } = requirement;
  const versions = url === undefined ? specifiers.text : "";
  return `${name}${extras.length > 0 ? `[${extras.join(",")}]` : ""}${versions.replace(/\s+/g, " ")}`;
}

function fileLine({ ref, extras }: PlanRequest["files"][number]): string {
  const { name, version } = ref.filename;
  return `${name}${extras.length > 0 ? `[${extras.join(",")}]` : ""}==${version.text}`;
}
