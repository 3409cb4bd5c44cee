#!/usr/bin/env node
"use strict";
// The first thing that runs, on whatever Node the machine has: no syntax newer than ES2015 here.
// It says in one line what is wrong with an old Node, and otherwise hands over to the built program, or, in a clone
// that is not built yet, to the sources (which Node runs by stripping their types).

var current = process.versions.node.split(".").map(Number);

var path = require("node:path");

var dist = path.join(__dirname, "..", "dist");

// package.json "engines": ^22.22.2 || ^24.15.0 || >=26.0.0
function isSupported(major, minor, patch) {
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 2);
  if (major === 24) return minor >= 15;
  return major >= 26;
}

if (isSupported(current[0], current[1], current[2])) {
  // What the program throws is its own to report: main.ts lets nothing out.
  if (require("node:fs").existsSync(path.join(dist, "main.cjs"))) require("./load-built.cjs").loadBuilt(dist);
  else void import("./main.ts");
} else {
  process.stderr.write(`tspip needs Node.js 22.22, 24.15 or 26 and newer; this is ${process.version}\n`);
  process.stderr.write(
    'hint: Install a newer Node.js; in a clone of tspip, "npx tspip" runs on the one that npm ci installed\n',
  );
  process.exitCode = 4;
}
