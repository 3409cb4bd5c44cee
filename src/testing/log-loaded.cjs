"use strict";
// Preloaded by a test: writes the URL of every module that is loaded into the file that TSPIP_LOADED names; threads do so, too.

const { appendFileSync } = require("node:fs");
const { registerHooks } = require("node:module");

registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.TSPIP_LOADED, `${url}\n`);
    return next(url, context);
  },
});
