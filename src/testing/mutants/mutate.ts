/** A change of one place in a source that a good test suite notices. */
export interface Mutation {
  /** Where, as the index of the first character that is replaced. */
  readonly at: number;
  readonly line: number;
  readonly from: string;
  readonly to: string;
  /** The whole source with the change. */
  readonly source: string;
}

/** What was made of what. */
export function describe({ from, to }: Mutation): string {
  return `\`${from}\` as \`${to}\``;
}

/** What is looked for in code, and what stands there instead. Operators stand between blanks, as our formatter has them. */
const replacements: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/ === /g, () => " !== "],
  [/ !== /g, () => " === "],
  [/ < /g, () => " <= "],
  [/ <= /g, () => " < "],
  [/ > /g, () => " >= "],
  [/ >= /g, () => " > "],
  [/ && /g, () => " || "],
  [/ \|\| /g, () => " && "],
  [/ & /g, () => " | "],
  [/ \| /g, () => " & "],
  [/ \+ /g, () => " - "],
  [/ - /g, () => " + "],
  [/ >>> /g, () => " << "],
  [/ << /g, () => " >> "],
  [/\btrue\b/g, () => "false"],
  [/\bfalse\b/g, () => "true"],
  [/\.some\(/g, () => ".every("],
  [/\.every\(/g, () => ".some("],
  [/Math\.max\(/g, () => "Math.min("],
  [/Math\.min\(/g, () => "Math.max("],
  [/\bif \(/g, () => "if (false && "],
  [/\bif \(/g, () => "if (true || "],
  [/(?<=[([ -])!(?=[\w(])/g, () => ""],
  [
    /\b(?:0x[0-9a-f]+|0o[0-7]+|\d[\d_]*)n?\b/g,
    ([number]) => (number === "1" ? "0" : `(${number} + ${number.endsWith("n") ? "1n" : "1"})`),
  ],
  // A statement that is a call and nothing else.
  [/^ +(?:\w+\.)*(?:check\w*|must\w*|set|add|push)\(.*\);$/gm, () => ""],
];

/** Every mutation of a source without types. Comments, texts and regular expressions stay as they are. */
export function mutationsOf(source: string): Mutation[] {
  const code = blank(source);
  return replacements.flatMap(([pattern, replace]) =>
    [...code.matchAll(pattern)].map((match): Mutation => {
      const from = source.slice(match.index, match.index + match[0].length);
      const to = replace(match as RegExpExecArray);
      return {
        at: match.index,
        line: source.slice(0, match.index).split("\n").length,
        from: from.trim(),
        to: to.trim(),
        source: source.slice(0, match.index) + to + source.slice(match.index + from.length),
      };
    }),
  );
}

/** Comments, texts, regular expressions and imports of a source as blanks; what is inside `${}` stays. */
function blank(source: string): string {
  const uninteresting =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|^import [^;]*;|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<=[(=:,!&|?]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/gm;
  return source.replaceAll(uninteresting, (text) => text.replaceAll(/[^\n]/g, " "));
}
