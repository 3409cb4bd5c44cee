import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../testing/fast-check.ts";
import { startTags } from "./html-tags.ts";

const wanted = new Set(["a", "meta", "base"]);

/** Tags as `name attribute=value …`. */
function tagsOf(html: string): string[] {
  return startTags(html, wanted).map((tag) =>
    [tag.name, ...[...tag.attributes()].map(([key, value]) => `${key}=${value}`)].join(" "),
  );
}

const pages: Readonly<Record<string, readonly [html: string, tags: readonly string[]]>> = {
  "the usual": ['<a href="x.whl#sha256=0a">x.whl</a><br/>', ["a href=x.whl#sha256=0a"]],
  "quotes of either kind, and none": [`<a href='x' b="y"c=z>`, ["a href=x b=y c=z"]],
  "blanks around everything": ['<a\n\thref = "x"\n>', ["a href=x"]],
  capitals: ['<A HREF="X">', ["a href=X"]],
  "an attribute without a value": ["<a data-yanked href=x>", ["a data-yanked= href=x"]],
  "the first of two attributes": ["<a href=x HREF=y>", ["a href=x"]],
  "the first of two, as usually written": ['<a href="x" href="y">', ["a href=x"]],
  "what looks like an attribute in another": [`<a title=" href='y'" href="x">`, ["a title= href='y' href=x"]],
  "what looks like the first attribute in another": ['<a b=" href=" c="d" href="x">', ["a b= href= c=d href=x"]],
  "attributes whose names begin alike": ['<a hrefs="x" href="y">', ["a hrefs=x href=y"]],
  "what stands behind links": ["<br/><br /><br></a><a href=x></a ><br><br >", ["a href=x"]],
  "as many attributes as one likes": [
    `<a ${Array.from({ length: 20 }, (_, at) => `b${"b".repeat(at)}="${at}"`).join(" ")}>`,
    [`a ${Array.from({ length: 20 }, (_, at) => `b${"b".repeat(at)}=${at}`).join(" ")}`],
  ],
  "a greater-than sign in quotes": ["<a href=\"a>b\" title='>'>", ["a href=a>b title=>"]],
  entities: [
    '<a data-requires-python="&gt;=3.9, &lt;4 &amp;&#39;&#x27;&quot;">',
    ["a data-requires-python=>=3.9, <4 &''\""],
  ],
  "entities are decoded once": ["<a b='&amp;gt;'>", ["a b=&gt;"]],
  "what is no entity stays": ["<a href='?a=1&b=2&amp=3&nothing;'>", ["a href=?a=1&b=2&amp=3&nothing;"]],
  "characters that there are not": ["<a b='&#0;&#xD800;&#x110000;'>", ["a b=\ufffd\ufffd\ufffd"]],
  "other tags whose names begin alike": ["<abbr href=x><basefont href=y><metal>", []],
  "self-closing": ['<meta name="n" content="c"/><base href=/x/ >', ["meta name=n content=c", "base href=/x/"]],
  comments: ["<!-- <a href=x> --><a href=y><!----><a href=z><!--><a href=w>", ["a href=y", "a href=z", "a href=w"]],
  "a comment without an end": ["<a href=x><!-- <a href=y>", ["a href=x"]],
  "declarations and instructions": ["<!DOCTYPE a><?xml <a href=x?><a href=y>", ["a href=y"]],
  "scripts are text": ['<script>document.write("<a href=x>")</script ><a href=y>', ["a href=y"]],
  "a title is text": ["<title><a href=x></TITLE><a href=y>", ["a href=y"]],
  "a script without an end": ["<a href=x><script><a href=y>", ["a href=x"]],
  "end tags": ["</a href=x><a href=y>", ["a href=y"]],
  "less-than signs in text": ["1 < 2 <3 <<a href=x>", ["a href=x"]],
  "a tag without an end": ["<a href=x><a href=y", ["a href=x"]],
  "a quote without an end": ["<a href=x><a href='y><a href=z>", ["a href=x"]],
  "an equals sign in front": ["<a =href=x>", ["a =href=x"]],
  "slashes between attributes": ["<a/href=x/y/ b>", ["a href=x/y/ b="]],
  nothing: ["", []],
};

for (const [name, [html, tags]] of Object.entries(pages)) {
  test(`startTags(): ${name}`, () => assert.deepEqual(tagsOf(html), tags));
}

test("startTags() takes time in proportion to the page, whatever is in it", () => {
  for (const unit of [
    "<a ",
    '<a "',
    "<a '",
    "<!--",
    "<",
    "</",
    "<a b",
    "<a b=",
    "<script>",
    "<title",
    "&#",
    "<a/",
    '<a b="c" ',
    '<a b="c',
  ]) {
    const html = unit.repeat(400_000);
    const start = performance.now();
    startTags(html, wanted);
    assert.ok(performance.now() - start < 3000, `${unit}: ${performance.now() - start} ms`);
  }
});

test("startTags() finds one attribute as it finds all", () => {
  for (const [html] of Object.values(pages)) {
    for (const tag of startTags(html, wanted)) {
      for (const [name, value] of tag.attributes()) assert.equal(tag.attribute(name), value);
      for (const name of ["href", "nowhere"]) assert.equal(tag.attribute(name), tag.attributes().get(name));
    }
  }
});

test("startTags() reads anything without failing", () => {
  const piece = fc.constantFrom("<", ">", "a", " ", "=", '"', "'", "/", "!", "-", "&", "#", ";", "x", "\n", "\0");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      for (const { name } of startTags(pieces.join(""), wanted)) assert.ok(wanted.has(name));
    }),
    { numRuns: 2000 },
  );
});
