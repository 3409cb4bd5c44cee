import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { python } from "../scene.ts";
import { folder, pictures } from "./pictures.ts";
import { terminalSvg, textOfSvg } from "./terminal-svg.ts";

test(
  "docs/pictures/ shows what the program prints now (npm run pictures writes them anew)",
  python === undefined ? { skip: "there is no python3 on PATH" } : {},
  async () => {
    const now = await pictures();
    assert.deepEqual(readdirSync(folder).sort(), [...now.keys()].sort());
    for (const [name, svg] of now) {
      const shown = readFileSync(new URL(name, folder), "utf8");
      assert.equal(textOfSvg(shown), textOfSvg(svg));
      assert.equal(shown, svg);
    }
  },
);

test("README.md shows every picture, with words for those who do not see it", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const shown = [...readme.matchAll(/!\[(?<words>[^\]]+)\]\(docs\/pictures\/(?<name>[^)]+)\)/g)];
  assert.deepEqual(shown.map(({ groups }) => groups?.name).sort(), readdirSync(folder).sort());
  for (const { groups = {} } of shown) {
    assert.ok((groups.words?.length ?? 0) > 40, groups.name);
    assert.ok(existsSync(new URL(groups.name ?? "", folder)));
  }
});

test("terminalSvg() escapes, keeps styles over a broken line, and says what it cannot show", () => {
  const long = `\u001b[2m   ${"word ".repeat(30)}<end> & "more"\u001b[22m tail`;
  const svg = terminalSvg("a < b", `${long}\nplain\n`);
  const lines = textOfSvg(svg).split("\n");
  assert.equal(lines.length, 3);
  assert.ok(lines.every((line) => line.length <= 88));
  assert.equal(lines.slice(0, 2).join(" ").replace(/ +/g, " "), ` ${"word ".repeat(30)}<end> & "more" tail`);
  assert.match(svg, /<tspan class="dim"> {3}word .*<tspan class="dim"> {3}word/s);
  assert.match(svg, /<title id="title">a &lt; b<\/title>/);
  assert.throws(() => terminalSvg("", "\u001b[35mmagenta\u001b[39m"), /has the code "35"/);
});
