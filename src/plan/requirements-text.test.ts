// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of pip look so

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { requirementsLines } from "../distribution/requirements-lines.ts";
import { needsPip, ownPip } from "../testing/bundled-pip.ts";
import fc from "../testing/fast-check.ts";
import { python } from "../testing/scene.ts";
import { requirementsText } from "./requirements-text.ts";

const env = { SET: "a value", EMPTY: "", NESTED: "${SET}" };

test("requirementsLines() joins lines as pip does", () => {
  const lines = (text: string) => requirementsLines(text, env).map(({ line, number }) => `${number} ${line}`);
  assert.deepEqual(lines("a\\\nb\nc \\\n# d \\\ne"), ["1 ab", "3 c", "5 e"]);
  assert.deepEqual(lines("\\-r\\\n x\n-r y\\"), ["1 -r x", "3 -r y"], "backslashes go at both ends");
  assert.deepEqual(lines("a\\\n#b"), ["1 a"]);
  assert.deepEqual(lines("a#b\u001f# c"), ["1 a#b"]);
  assert.deepEqual(lines("\ufeff${SET}${EMPTY}${NESTED}${SET}"), ["1 a value${EMPTY}a valuea value"]);
});

/** What pip itself makes of files, each as hexadecimal; `null` where it fails. */
const pipLines = `
import json, logging, sys
sys.path.insert(0, sys.argv[1])
from pip._internal.req import req_file
decode = getattr(req_file, "_decode_req_file", None)
if decode is None:
    from pip._internal.utils.encoding import auto_decode
    decode = lambda data, url: auto_decode(data)
logging.disable(logging.CRITICAL)
def lines(data):
    try:
        return [line for number, line in req_file.preprocess(decode(data, "file"))]
    except (UnicodeDecodeError, LookupError):
        return None
print(json.dumps([lines(bytes.fromhex(each)) for each in json.load(sys.stdin)]))
`;

const atoms = [
  ...[
    "#",
    "#",
    "\\",
    "\\",
    "\n",
    "\n",
    "\r",
    "\r\n",
    " ",
    "\t",
    "a",
    "-r x",
    "a @ http://x/",
    "${SET}",
    "${EMPTY}",
    "+AG8-",
  ],
  ...[
    "coding: utf-7",
    "# coding=latin-1",
    "coding: utf-8",
    "\f",
    "\u001f",
    "\u00a0",
    "\u0085",
    "\u2028",
    "\u3000",
    "\ufeff",
  ],
];

test("requirementsText() and requirementsLines() read no file in another way than pip", needsPip, () => {
  const text = fc.array(fc.constantFrom(...atoms), { maxLength: 10 }).map((parts) => parts.join(""));
  const files = fc.sample(text, 5000).map((each) => Buffer.from(each));
  const answer = execFileSync(python ?? "", ["-I", "-X", "utf8", "-c", pipLines, ownPip], {
    input: JSON.stringify(files.map((file) => file.toString("hex"))),
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  });
  const said = JSON.parse(answer.toString()) as readonly (readonly string[] | null)[];
  let read = 0;
  for (const [at, file] of files.entries()) {
    const ours = linesOf(file);
    if (ours === undefined || said[at] === null) continue;
    read++;
    assert.deepEqual(ours, said[at], JSON.stringify(file.toString()));
  }
  assert.ok(read > files.length / 3, `${read} of ${files.length}`);
});

function linesOf(file: Buffer): string[] | undefined {
  try {
    return requirementsLines(requirementsText(file, "file"), env).map(({ line }) => line);
  } catch {
    return undefined;
  }
}
