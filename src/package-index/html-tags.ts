export interface StartTag {
  /** Lower case. */
  readonly name: string;
  /** Names in lower case, values with entities decoded; of two, the first. */
  attributes(): ReadonlyMap<string, string>;
  /** One of them. Of most tags no other is asked for, so it is looked for alone. */
  attribute(name: string): string | undefined;
}

/**
 * The start tags of a page whose names are in `wanted`, in their order, read as browsers do (HTML standard, 13.2.5
 * "Tokenization"): a tag in a comment, a script or the like is none. Takes time in proportion to the page, whatever
 * is in it, which a regular expression over whole tags would not.
 */
export function startTags(html: string, wanted: ReadonlySet<string>): StartTag[] {
  return new HtmlTokenizer(html).startTags(wanted);
}

const tagName = /[^\t\n\f\r />]*/y;
/** A tag as nearly all are written. So many attributes and no more, as each takes some of V8's stack. */
const plainTag = /(\/?[a-z]+)((?:[\t\n\f\r ]+[a-z-]+="[^"]*"){0,16})[\t\n\f\r ]*\/?>/y;
/** What stands behind each link of a page. */
const plainRest = /(?:\/[a-z]+|br ?\/?)>/y;
const plainAttribute = /[\t\n\f\r ]+([a-z-]+)="([^"]*)"/y;
const beforeAttribute = /[\t\n\f\r /]*/y;
const attributeName = /=?[^\t\n\f\r />=]*/y;
const equalsSign = /[\t\n\f\r ]*=[\t\n\f\r ]*/y;
const bareValue = /[^\t\n\f\r >]*/y;

/** What stands in these elements is text up to their end tag. */
const endOfText: ReadonlyMap<string, RegExp> = new Map(
  ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"].map((name) => [
    name,
    new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, "gi"),
  ]),
);

class HtmlTokenizer {
  private readonly html: string;
  private position = 0;

  constructor(html: string) {
    this.html = html;
  }

  startTags(wanted: ReadonlySet<string>): StartTag[] {
    const found: StartTag[] = [];
    const isRestWanted = wanted.has("br");
    while (this.skipBehind("<")) {
      if (!isRestWanted && this.skipPlainRest()) continue;
      const tag = this.plainTag() ?? this.otherMarkup(wanted);
      if (tag === undefined) continue;
      if (wanted.has(tag.name)) found.push(tag);
      this.skipTextOf(tag.name);
    }
    return found;
  }

  private skipPlainRest(): boolean {
    plainRest.lastIndex = this.position;
    if (!plainRest.test(this.html)) return false;
    this.position = plainRest.lastIndex;
    return true;
  }

  private plainTag(): StartTag | undefined {
    plainTag.lastIndex = this.position;
    const match = plainTag.exec(this.html);
    if (match === null) return undefined;
    this.position = plainTag.lastIndex;
    return new PlainTag(match[1] ?? "", match[2] ?? "");
  }

  /** A tag that is written in another way; none when it is a comment, a declaration or no markup at all. */
  private otherMarkup(wanted: ReadonlySet<string>): StartTag | undefined {
    const next = this.html.charAt(this.position);
    if (/[a-z/]/i.test(next)) return this.tag(wanted);
    if (next === "!") this.skipBehind(this.html.startsWith("!--", this.position) ? "-->" : ">");
    else if (next === "?") this.skipBehind(">");
    return undefined;
  }

  /** A start or end tag; `undefined` when the page ends within it. An end tag's name begins with a slash. */
  private tag(wanted: ReadonlySet<string>): StartTag | undefined {
    const slash = this.accept("/") ? "/" : "";
    const name = slash + this.match(tagName).toLowerCase();
    const attributes = new Map<string, string>();
    const isWanted = wanted.has(name);
    for (;;) {
      this.match(beforeAttribute);
      if (this.position >= this.html.length) return undefined;
      if (this.accept(">")) return { name, attributes: () => attributes, attribute: (asked) => attributes.get(asked) };
      const attribute = this.match(attributeName).toLowerCase();
      const value = this.attributeValue();
      if (isWanted && !attributes.has(attribute)) attributes.set(attribute, decodeEntities(value));
    }
  }

  private attributeValue(): string {
    if (this.match(equalsSign) === "") return "";
    const quote = this.html.charAt(this.position);
    if (quote !== '"' && quote !== "'") return this.match(bareValue);
    const start = this.position + 1;
    this.position = start;
    this.skipBehind(quote);
    return this.html.slice(start, this.position - 1);
  }

  private skipTextOf(name: string): void {
    const end = endOfText.get(name);
    if (end === undefined) return;
    end.lastIndex = this.position;
    this.position = end.exec(this.html)?.index ?? this.html.length;
  }

  /** Whether there is `text` at all; when there is none, everything is skipped. */
  private skipBehind(text: string): boolean {
    const found = this.html.indexOf(text, this.position);
    this.position = found < 0 ? this.html.length : found + text.length;
    return found >= 0;
  }

  private accept(character: string): boolean {
    if (this.html[this.position] !== character) return false;
    this.position += 1;
    return true;
  }

  /** The text that `pattern`, which is sticky, matches here. */
  private match(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const text = pattern.exec(this.html)?.[0] ?? "";
    this.position += text.length;
    return text;
  }
}

class PlainTag implements StartTag {
  readonly name: string;
  private readonly text: string;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  attributes(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    this.find((name, value) => {
      if (!found.has(name)) found.set(name, decodeEntities(value));
      return false;
    });
    return found;
  }

  attribute(wanted: string): string | undefined {
    const { text } = this;
    if (!text.includes(wanted)) return undefined;
    // Of most tags nobody looks further than at the first.
    const first = ` ${wanted}="`;
    const value = text.startsWith(first)
      ? text.slice(first.length, text.indexOf('"', first.length))
      : this.find((name) => name === wanted);
    return value === undefined ? undefined : decodeEntities(value);
  }

  /** The value of the first attribute that `isIt` takes. */
  private find(isIt: (name: string, value: string) => boolean): string | undefined {
    plainAttribute.lastIndex = 0;
    for (let match = plainAttribute.exec(this.text); match !== null; match = plainAttribute.exec(this.text)) {
      const [, name = "", value = ""] = match;
      if (isIt(name, value)) return value;
    }
    return undefined;
  }
}

/** Those that index pages need; others stay as they are. */
const namedEntities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
]);

/** The files of a project mostly ask for the same Python. */
let latest = { text: "", decoded: "" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  if (latest.text !== text) latest = { text, decoded: decodeEach(text) };
  return latest.decoded;
}

function decodeEach(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{1,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return namedEntities.get(name.toLowerCase()) ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    const isCharacter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    return isCharacter ? String.fromCodePoint(point) : "\ufffd";
  });
}
