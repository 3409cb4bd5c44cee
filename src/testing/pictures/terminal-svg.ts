/** Text in one style, as a terminal shows it. */
interface Run {
  readonly text: string;
  /** Names of classes of the style sheet below. */
  readonly styles: readonly string[];
}

/** ECMA-48 SGR codes that tspip's colours are made of, and those that end them. */
const begins: Readonly<Record<string, string>> = {
  1: "bold",
  2: "dim",
  31: "red",
  32: "green",
  33: "yellow",
  36: "cyan",
};
const ends: Readonly<Record<string, readonly string[]>> = {
  22: ["bold", "dim"],
  39: ["red", "green", "yellow", "cyan"],
};

const columns = 88;
const size = { column: 8.4, line: 21, padding: 22, bar: 34 };

const style = `
    .window { fill: #ffffff }
    .border { fill: none; stroke: #d0d7de }
    .bar { fill: #f6f8fa }
    .knob { fill: #d0d7de }
    .name { fill: #656d76; font: 12px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; text-anchor: middle }
    .line { fill: #1f2328; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
    .bold { font-weight: 600 }
    .dim { fill: #656d76 }
    .red { fill: #cf222e; font-weight: 600 }
    .green { fill: #1a7f37; font-weight: 600 }
    .yellow { fill: #9a6700; font-weight: 600 }
    .cyan { fill: #0969da }
    @media (prefers-color-scheme: dark) {
      .window { fill: #0d1117 }
      .border { stroke: #3d444d }
      .bar { fill: #161b22 }
      .knob { fill: #3d444d }
      .name, .dim { fill: #9198a1 }
      .line { fill: #e6edf3 }
      .red { fill: #ff7b72 }
      .green { fill: #3fb950 }
      .yellow { fill: #d29922 }
      .cyan { fill: #58a6ff }
    }`;

/**
 * A terminal's window as an SVG image that is light where the reader's pages are, and dark where they are dark.
 * @param output what was printed, with its colours; longer lines than 88 columns are broken between words
 */
export function terminalSvg(title: string, output: string): string {
  const lines = output
    .trimEnd()
    .split("\n")
    .flatMap((line) => wrapped(line));
  const width = Math.round(columns * size.column + 2 * size.padding);
  const height = size.bar + lines.length * size.line + 2 * size.padding - 8;
  const rows = lines.map((line, at) => row(line, size.bar + size.padding + 10 + at * size.line));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">${escaped(title)}</title>
  <style>${style}
  </style>
  <clipPath id="frame"><rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" /></clipPath>
  <rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" />
  <rect class="bar" width="${width}" height="${size.bar}" clip-path="url(#frame)" />
  ${[0, 1, 2].map((at) => `<circle class="knob" cx="${22 + at * 20}" cy="${size.bar / 2}" r="5.5" />`).join("")}
  <text class="name" x="${width / 2}" y="${size.bar / 2 + 4}">${escaped(title)}</text>
${rows.join("\n")}
  <rect class="border" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" />
</svg>
`;
}

/** The text of such an image again, line by line. */
export function textOfSvg(svg: string): string {
  const lines = [...svg.matchAll(/<text class="line"[^>]*>(.*)<\/text>/g)].map(([, line = ""]) => line);
  const plain = lines.map((line) => line.replace(/<[^>]+>/g, ""));
  return plain
    .join("\n")
    .replace(/&(lt|gt|amp);/g, (_, name: "lt" | "gt" | "amp") => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** Widths are said, so that columns stand where they do in a terminal whatever font the reader has. */
function row(line: string, y: number): string {
  const spans = runs(line).map(({ text, styles }) =>
    styles.length === 0 ? escaped(text) : `<tspan class="${styles.join(" ")}">${escaped(text)}</tspan>`,
  );
  const length = [...plain(line)].length * size.column;
  return `  <text class="line" x="${size.padding}" y="${y}" xml:space="preserve" textLength="${length.toFixed(1)}">${spans.join("")}</text>`;
}

function runs(line: string): Run[] {
  const [first = "", ...pieces] = line.split("\u001b[");
  let styles: readonly string[] = [];
  const styled = pieces.map((piece) => {
    const [, code = "", text = ""] = /^(\d+)m(.*)$/s.exec(piece) ?? [];
    const [begun, ended] = [begins[code], ends[code]];
    if (begun === undefined && ended === undefined)
      throw new Error(`The output has the code "${code}", without a style here`);
    styles = begun === undefined ? styles.filter((name) => !ended?.includes(name)) : [...styles, begun];
    return { text, styles };
  });
  return [{ text: first, styles: [] }, ...styled].filter(({ text }) => text !== "");
}

/** Breaks between words; what follows stands below the line's first word. */
function wrapped(line: string): string[] {
  const [indent = ""] = /^ */.exec(plain(line)) ?? [];
  const lines: string[] = [];
  let rest = line;
  while ([...plain(rest)].length > columns) {
    const words = rest.split(/(?<=\S) /);
    const fits = words.findLastIndex((_, at) => [...plain(words.slice(0, at + 1).join(" "))].length <= columns);
    if (fits === -1) break;
    const [taken, left] = [words.slice(0, fits + 1).join(" "), words.slice(fits + 1).join(" ")];
    // A style goes on in the next line.
    const open = runs(`${taken}.`).at(-1)?.styles ?? [];
    const codes = Object.entries(begins).filter(([, name]) => open.includes(name));
    lines.push(taken);
    rest = `${codes.map(([code]) => `\u001b[${code}m`).join("")}${indent}${left}`;
  }
  return [...lines, rest];
}

function plain(line: string): string {
  return runs(line)
    .map(({ text }) => text)
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
