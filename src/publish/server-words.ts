/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** The beginning of it, when it is long. */
  readonly body: string;
}

const maxLength = 400;

/** What we authorised ourselves by, where a server or proxy repeats the request: a job's log is read by more than those who may publish. */
const secrets = /\b((?:basic|bearer) +)[\w+/=.~-]{16,}|\bpypi-[\w-]{16,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** What a server says to people, on one line: the message of JSON, the text of HTML. To be escaped like anything of its. */
export function serverWords({ contentType, body }: Answer): string {
  const text = /\bjson\b/.test(contentType) ? messageIn(body) : /\bhtml\b/.test(contentType) ? textOf(body) : body;
  const line = text
    .replace(/\s+/g, " ")
    .trim()
    .replace(secrets, (_, scheme = "") => `${scheme}***`);
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

function messageIn(body: string): string {
  try {
    const { message, detail, errors } = JSON.parse(body) as Record<string, unknown>;
    const descriptions = Array.isArray(errors) ? errors.map((error) => String(error?.description ?? error)) : [];
    const found = [message, detail, ...descriptions].filter((each) => typeof each === "string");
    return found.length === 0 ? body : found.join("; ");
  } catch {
    return body;
  }
}

function textOf(html: string): string {
  return html
    .replace(/<(title|style|script|head)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^<>]*>/g, " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
