import { resolve } from "node:path";
import { EnvironmentError, messageOf, UsageError } from "../../errors.ts";
import { type ArtifactStore, openArtifactStore } from "../../memory/artifact-store.ts";
import { makeFolder } from "../../memory/make-folder.ts";
import type { StorageConfig } from "../../service/config.ts";
import type { Sql } from "../../service/sql.ts";
import type { Host } from "../host.ts";
import type { Talk } from "../terminal.ts";

/** The database that the configuration names. Its driver is loaded when it is the one. */
export async function openSql({ database }: StorageConfig, { cwd }: Host): Promise<Sql> {
  if (/^postgres(?:ql)?:/.test(database)) return (await import("../../service/postgres.ts")).openPostgres(database);
  return (await import("../../service/sqlite.ts")).openSqlite(resolve(cwd, database));
}

/** Whoever runs a service wants to hear of it when it starts, and not that nothing was ever kept. */
function openFolderStore(folder: string): ArtifactStore {
  try {
    makeFolder(folder);
  } catch (error) {
    const message = `Cannot make the folder of artifacts "${folder}": ${messageOf(error)}`;
    throw new EnvironmentError("cannot-write", message, { cause: error });
  }
  return openArtifactStore(folder, () => false);
}

/** The store that the configuration names. @throws UsageError, EnvironmentError */
export async function openStore({ artifacts, s3 }: StorageConfig, talk: Talk, host: Host): Promise<ArtifactStore> {
  if (s3 === undefined) return openFolderStore(resolve(host.cwd, artifacts));
  const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)\/?(.*)$/.exec(artifacts) ?? [];
  if (bucket === undefined)
    throw new UsageError("invalid-configuration", `"artifacts" is not s3://BUCKET/PREFIX: "${artifacts}"`);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = host.env;
  if (!accessKeyId || !secretAccessKey)
    throw new UsageError("no-credentials", `There are no credentials for "${artifacts}"`, {
      hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    });
  const { openS3Artifacts } = await import("../../service/s3-artifacts.ts");
  const prefix = path === "" || path.endsWith("/") ? path : `${path}/`;
  const place = { endpoint: new URL(s3.endpoint), region: s3.region, bucket, prefix };
  return openS3Artifacts({ ...place, accessKeyId, secretAccessKey, sessionToken: AWS_SESSION_TOKEN }, talk.warn);
}
