import { ArtifactError } from "../errors.ts";

/** One row of RECORD (PyPA: recording installed projects, "the RECORD file"). */
export interface RecordRow {
  /** With `/` between its parts; in an archive relative to its root, installed relative to the folder of the .dist-info. */
  readonly path: string;
  /** The algorithm as it was written, and the digest in URL-safe base64 without padding. */
  readonly hash?: { readonly algorithm: string; readonly digest: string };
  /** Bytes. */
  readonly size?: number;
}

/** Bytes. No real wheel comes near; it is read whole, and becomes many times its size in memory. */
export const longestRecord = 32 << 20;

/** No archive that is read has as many members, and no CSV of three columns as many fields in a row. */
const limits = { rows: 250_000, fields: 16 };

/**
 * Parses RECORD: CSV with the columns path, hash and size, of which the last two may be empty.
 * @throws ArtifactError `record-unreadable`, `archive-too-large`
 */
export function parseRecord(text: string): RecordRow[] {
  const csv = text.replace(/^\uFEFF/, "");
  return parsePlain(csv) ?? parseCsv(csv).map(parseRow);
}

/** Nearly every RECORD is rows of three fields without quotation marks, each ended by LF; nothing where one is not. */
function parsePlain(csv: string): RecordRow[] | undefined {
  const rows: RecordRow[] = [];
  let end = 0;
  for (const [row, path = "", hash = "", size = ""] of csv.matchAll(/([^",\r\n]+),([^",\r\n]*),([^",\r\n]*)\n/gy)) {
    if (rows.length === limits.rows) return undefined;
    rows.push(rowOf(path, hash, size, rows.length));
    end += row.length;
  }
  return end === csv.length ? rows : undefined;
}

function parseRow(fields: readonly string[], at: number): RecordRow {
  const [path = "", hash = "", size = "", ...rest] = fields;
  if (fields.length < 3 || rest.some((field) => field !== ""))
    throw unreadable(at, "it does not have a path, a hash and a size");
  return rowOf(path, hash, size, at);
}

function rowOf(path: string, hash: string, size: string, at: number): RecordRow {
  if (path === "") throw unreadable(at, "it does not have a path, a hash and a size");
  const separator = hash.indexOf("=");
  if (hash !== "" && separator < 1) throw unreadable(at, `"${hash}" is not an algorithm and a digest`);
  if (!/^\d{0,15}$/.test(size)) throw unreadable(at, `"${size}" is not a size`);
  const row: { -readonly [Key in keyof RecordRow]: RecordRow[Key] } = { path };
  if (hash !== "") row.hash = { algorithm: hash.slice(0, separator).toLowerCase(), digest: hash.slice(separator + 1) };
  if (size !== "") row.size = Number(size);
  return row;
}

/**
 * RFC 4180: fields in quotes may hold commas, line breaks and doubled quotes; lines end in CRLF, LF or CR. Empty
 * lines are left out.
 */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (row.length === 0 && (text[at] === "\n" || text[at] === "\r")) {
      at++;
      continue;
    }
    const end = text[at] === '"' ? endOfQuoted(text, at) : endOfPlain(text, at);
    if (end === -1) throw unreadable(rows.length, "a quotation mark is not closed");
    row.push(text[at] === '"' ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    if (text[end] === ",") {
      if (row.length > limits.fields) throw unreadable(rows.length, "it has too many fields");
      at = end + 1;
      // A comma at the very end is followed by one more, empty field.
      if (at < text.length) continue;
      row.push("");
    } else if (end < text.length && text[end] !== "\r" && text[end] !== "\n") {
      throw unreadable(rows.length, "a quotation mark is out of place");
    } else {
      at = end + 1;
    }
    rows.push(row);
    if (rows.length > limits.rows)
      throw new ArtifactError("archive-too-large", "RECORD has more rows than a wheel has files");
    row = [];
  }
  return rows;
}

/** Where the field that begins with the quotation mark at `start` ends, behind its closing mark; -1 when it does not. */
function endOfQuoted(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at + 1;
  }
  return -1;
}

function endOfPlain(text: string, start: number): number {
  const special = /[",\r\n]/g;
  special.lastIndex = start;
  return special.exec(text)?.index ?? text.length;
}

function unreadable(at: number, why: string): ArtifactError {
  return new ArtifactError("record-unreadable", `Row ${at + 1} of RECORD cannot be read: ${why}`);
}

/** RECORD as tspip writes it: sorted by path, quoted where CSV asks for it, lines end in LF. */
export function formatRecord(rows: readonly RecordRow[]): string {
  const sorted = rows.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return sorted
    .map(({ path, hash, size }) => `${quote(path)},${hash ? `${hash.algorithm}=${hash.digest}` : ""},${size ?? ""}\n`)
    .join("");
}

function quote(path: string): string {
  return /[",\r\n]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}
