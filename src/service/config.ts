import { isTable, type Table } from "../encoding/table.ts";
import { parseToml } from "../encoding/toml.ts";
import { UsageError } from "../errors.ts";
import { type MappedIndex, readIndexUrl, readProjectPattern } from "../package-index/index-map.ts";

/** What `serve.toml` says. Paths are as they stand there: relative to its folder. */
export interface ServiceConfig {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly storage: StorageConfig;
  /** Upstream indexes. Those with projects own these, the others are asked in order for all the rest. */
  readonly indexes: readonly MappedIndex[];
  /** A Sigstore trusted root instead of the one in force. */
  readonly trustedRoot?: string;
  readonly teams: readonly TeamConfig[];
  /** Who may read /metrics; nobody when absent. */
  readonly metrics?: AccessConfig;
}

export interface StorageConfig {
  /** A folder, or `s3://BUCKET/PREFIX`. */
  readonly artifacts: string;
  /** Where an S3-compatible store is, and its region. */
  readonly s3?: { readonly endpoint: string; readonly region: string };
  /** The path of an SQLite file, or `postgresql://…`. */
  readonly database: string;
  /** What happens to files while the database is away: nobody gets any, or they are judged without what it remembers. */
  readonly withoutDatabase: "refuse" | "judge";
}

export interface TeamConfig extends AccessConfig {
  /** The first segment of the path of its index. */
  readonly name: string;
  readonly policy: string;
}

/** Whom something is given to: whoever has a token of which the SHA-256 stands here, or everybody. */
export interface AccessConfig {
  /** Lower-case hex. */
  readonly tokens: readonly string[];
  readonly isOpen: boolean;
}

/** Names that are paths of the service itself. */
const reserved = ["health", "metrics"];

/** @param name of the file, for messages. @throws UsageError `invalid-configuration` */
export function parseServiceConfig(text: string, name: string): ServiceConfig {
  const root = new TableReader(readToml(text, name), name);
  root.only(["listen", "tls", "storage", "index", "trusted-root", "team", "metrics"]);
  const tls = root.table("tls")?.only(["cert", "key"]);
  const metrics = root.table("metrics")?.only(["token-sha256", "open"]);
  const trustedRoot = root.text("trusted-root");
  return {
    listen: readListen(root.text("listen") ?? "127.0.0.1:8080", root),
    storage: readStorage(root.table("storage") ?? root.fail("there is no [storage]")),
    indexes: root.tables("index").map(readUpstream),
    teams: readTeams(root),
    ...(tls && { tls: { cert: tls.needed("cert"), key: tls.needed("key") } }),
    ...(metrics && { metrics: readAccess(metrics) }),
    ...(trustedRoot !== undefined && { trustedRoot }),
  };
}

function readToml(text: string, name: string): Table {
  return parseToml(text, (place, why, cause) => {
    throw new UsageError("invalid-configuration", `${name}${place}: ${why}`, { cause });
  });
}

/** `HOST:PORT`; an IPv6 address stands in brackets. */
function readListen(text: string, root: TableReader): ServiceConfig["listen"] {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) return root.fail(`"listen" is not HOST:PORT: "${text}"`);
  return { host, port: Number(port) };
}

function readStorage(table: TableReader): StorageConfig {
  table.only(["artifacts", "s3-endpoint", "s3-region", "database", "without-database"]);
  const withoutDatabase = table.text("without-database") ?? "refuse";
  if (withoutDatabase !== "refuse" && withoutDatabase !== "judge")
    return table.fail('"without-database" is neither "refuse" nor "judge"');
  const artifacts = table.needed("artifacts");
  const isS3 = artifacts.startsWith("s3://");
  if (!isS3 && isUrl(artifacts)) table.fail('"artifacts" is neither a folder nor s3://BUCKET/PREFIX');
  // Also where it is of no use: a mistake would come out on the day that it is.
  const s3 = readS3(table);
  const database = table.needed("database");
  if (isUrl(database) && !/^postgres(?:ql)?:/.test(database))
    table.fail('"database" is neither the file of an SQLite database nor postgresql://…');
  return { artifacts, database, withoutDatabase, ...(isS3 && { s3 }) };
}

/** A path that looks like one is hardly meant. */
function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

function readS3(table: TableReader): NonNullable<StorageConfig["s3"]> {
  const region = table.text("s3-region") ?? "us-east-1";
  const endpoint = table.text("s3-endpoint") ?? `https://s3.${region}.amazonaws.com`;
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) table.fail('"s3-endpoint" is not a URL');
  return { endpoint, region };
}

function readUpstream(table: TableReader): MappedIndex {
  table.only(["url", "projects"]);
  const refuse = (message: string, hint?: string) => table.fail(message, hint);
  const url = readIndexUrl(table.needed("url"), refuse);
  return { url, projects: table.texts("projects").map((pattern) => readProjectPattern(pattern, refuse)) };
}

function readTeams(root: TableReader): TeamConfig[] {
  const teams = root.tables("team").map((table) => {
    table.only(["name", "policy", "token-sha256", "open"]);
    const name = table.needed("name");
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name) || reserved.includes(name))
      return table.fail(`"${name}" cannot be the name of a team: it takes a-z, 0-9 and -, and stands in URLs`);
    return { name, policy: table.needed("policy"), ...readAccess(table) };
  });
  if (teams.length === 0) root.fail("there is no [[team]]");
  const [twice] = teams.filter(({ name }, at) => teams.findIndex((team) => team.name === name) < at);
  if (twice !== undefined) root.fail(`there are two teams "${twice.name}"`);
  return teams;
}

function readAccess(table: TableReader): AccessConfig {
  const tokens = table.texts("token-sha256").map((text) => text.toLowerCase());
  const isOpen = table.flag("open");
  const [odd] = tokens.filter((token) => !/^[0-9a-f]{64}$/.test(token));
  if (odd !== undefined) table.fail('"token-sha256" holds what is no SHA-256 in hex', newTokenHint);
  if (isOpen === tokens.length > 0)
    table.fail("it is either open or has tokens", `${newTokenHint}; open = true lets everybody in`);
  return { tokens, isOpen };
}

const newTokenHint = "Make a token with: tspip serve --new-token";

/** One table of the file; what is not as it should be is refused with its place. */
class TableReader {
  private readonly values: Table;
  private readonly place: string;

  constructor(table: unknown, place: string) {
    this.place = place;
    this.values = isTable(table) ? table : this.fail("it is not a table");
  }

  only(known: readonly string[]): this {
    const [unknown] = Object.keys(this.values).filter((key) => !known.includes(key));
    if (unknown !== undefined) this.fail(`unknown key "${unknown}"`, `The keys there are ${known.join(", ")}`);
    return this;
  }

  text(key: string): string | undefined {
    const value = this.values[key];
    return value === undefined || typeof value === "string" ? value : this.fail(`"${key}" is not text`);
  }

  needed(key: string): string {
    return this.text(key) || this.fail(`"${key}" is missing`);
  }

  texts(key: string): readonly string[] {
    const value = this.values[key] ?? [];
    if (!Array.isArray(value)) return this.fail(`"${key}" is not an array`);
    return value.map((each) => (typeof each === "string" ? each : this.fail(`"${key}" holds what is not text`)));
  }

  flag(key: string): boolean {
    const value = this.values[key] ?? false;
    return typeof value === "boolean" ? value : this.fail(`"${key}" is neither true nor false`);
  }

  table(key: string): TableReader | undefined {
    const value = this.values[key];
    return value === undefined ? undefined : new TableReader(value, `${this.place}, [${key}]`);
  }

  tables(key: string): readonly TableReader[] {
    const value = this.values[key] ?? [];
    if (!Array.isArray(value)) return this.fail(`"${key}" is not an array of tables: write [[${key}]]`);
    return value.map((each, at) => new TableReader(each, `${this.place}, [[${key}]] ${at + 1}`));
  }

  fail(message: string, hint?: string): never {
    const text = `${this.place}: ${message}`;
    throw new UsageError("invalid-configuration", text, hint === undefined ? {} : { hint });
  }
}
