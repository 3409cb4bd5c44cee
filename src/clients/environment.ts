import { join } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Variables by which installers find indexes, credentials and proxies. What they say is for tspip to follow: it asks the
 * indexes for everybody behind it. pip takes `-` for `_`, and `--` before the name.
 */
export const redirecting =
  /^(?:PIP_(?:--)?(?:INDEX[-_]URL|PYPI[-_]URL|EXTRA[-_]INDEX[-_]URL|FIND[-_]LINKS|NO[-_]INDEX|TRUSTED[-_]HOST|PROXY|CERT|CLIENT[-_]CERT|CONFIG[-_]FILE|ISOLATED|KEYRING[-_]PROVIDER|CACHE[-_]DIR)|UV_(?:INDEX.*|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CONFIG_FILE|INSECURE_HOST|KEYRING_PROVIDER|OFFLINE|LOCKED|CACHE_DIR|NO_CACHE|NO_VERIFY_HASHES|TORCH_BACKEND)|PDM_(?:PYPI.*|IGNORE_STORED_INDEX|CONFIG_FILE|CACHE_DIR)|PIPENV_(?:PYPI_MIRROR|TEST_INDEX))$/i;

/** Whether a variable says yes, as installers read it. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(?:|0|false|no|off|n|f)$/i.test(value);
}

/** For installers that wait for a file to be judged before its first byte comes. */
const patienceSeconds = "1800";

/**
 * The environment of a command behind the gate: pip, uv, PDM, pipenv, and the build back ends that they start, ask the
 * index at `url`. Configuration files of theirs are not read, as those could name others.
 * @param cache a private folder: what a cache holds from before has passed no gate
 * @param mayLink whether files can be linked out of it into the environment; else uv would try, and warn
 */
export function clientEnvironment(env: Env, url: URL, cache: string, mayLink = false): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !redirecting.test(entry[0]),
  );
  const index = url.href;
  const direct = [env.no_proxy ?? env.NO_PROXY, "127.0.0.1"].filter(Boolean).join(",");
  return {
    ...Object.fromEntries(kept),
    NO_PROXY: direct,
    no_proxy: direct,
    PIP_INDEX_URL: index,
    PIP_CONFIG_FILE: "/dev/null",
    PIP_NO_CACHE_DIR: "1",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_DEFAULT_TIMEOUT: patienceSeconds,
    UV_INDEX_URL: index,
    UV_NO_CONFIG: "1",
    UV_CACHE_DIR: cache,
    ...(mayLink || env.UV_LINK_MODE !== undefined ? {} : { UV_LINK_MODE: "copy" }),
    UV_HTTP_TIMEOUT: patienceSeconds,
    // The interpreters that uv fetches come from no index.
    UV_PYTHON_DOWNLOADS: env.UV_PYTHON_DOWNLOADS ?? "never",
    // Else an index, or what a poetry.toml says, would have source distributions of a lock built, which nobody judged.
    POETRY_INSTALLER_ONLY_BINARY: ":all:",
    POETRY_INSTALLER_NO_BINARY: ":none:",
    PDM_PYPI_URL: index.replace(/\/$/, ""),
    // A file that is not there. To ignore stored indexes, as PDM calls it, would be to ignore the variable above.
    PDM_CONFIG_FILE: join(cache, "pdm.toml"),
    PDM_CACHE_DIR: join(cache, "pdm"),
    PDM_REQUEST_TIMEOUT: patienceSeconds,
    PDM_CHECK_UPDATE: "0",
    PIPENV_PYPI_MIRROR: index.replace(/\/$/, ""),
    PIPENV_TIMEOUT: patienceSeconds,
  };
}
