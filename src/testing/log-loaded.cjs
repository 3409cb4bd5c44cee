"use strict";
// Preloaded by a test: writes the URL of every module that is loaded into the file that TSPIP_LOADED names; threads do so, too.

const { appendFileSync } = require("node:fs");
const { registerHooks } = require("node:module");
const { pathToFileURL } = require("node:url");
const vm = require("node:vm");

registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.TSPIP_LOADED, `${url}\n`);
    return next(url, context);
  },
});

// The built program's own files come in as scripts (load-built.cjs).
vm.Script = class extends vm.Script {
  constructor(source, options) {
    appendFileSync(process.env.TSPIP_LOADED, `${pathToFileURL(options.filename).href}\n`);
    super(source, options);
  }
};
