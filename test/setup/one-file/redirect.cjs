// Node.js loads this first into every process of the tests (NODE_OPTIONS=--require): one that is
// started as the repository's worker loads the file that has all of it instead.
'use strict';

const { registerHooks } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const worker = join(__dirname, '..', '..', '..', 'services', 'worker', 'src', 'main.ts');
const { UNDERSTUDY_ONE_FILE: url } = process.env;

if (url && process.argv[1] === worker) {
  const source = pathToFileURL(worker).href;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      return resolved.url === source ? { ...resolved, url, format: 'module' } : resolved;
    },
  });
}
