#!/usr/bin/env node
// Plain JavaScript, because it also runs on a Node that cannot run the rest: `npx understudy` takes
// the Node of the machine, which may be older. Then it starts again with the Node that npm
// installed here, if there is one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const ENVIRONMENT = 69;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const major = Number(process.versions.node.split('.')[0]);

if (major >= NODE_MAJOR) await start();
else startAgain();

/** Runs the command line in this process. */
async function start() {
  // Half of the time until the first word went into compiling what was compiled the last time.
  module.enableCompileCache();
  let main;
  try {
    ({ main } = await import('#main'));
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    fail(`something it needs is not installed (${error.message.split('\n')[0]}).`);
    return;
  }
  process.exitCode = await main();
}

/** Starts this file again with the Node that npm installed, and ends as it ends. */
function startAgain() {
  const node = ownNode();
  if (node === undefined) {
    fail(`it needs Node ${NODE_MAJOR} or newer, and this is ${process.version}.`);
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // The child does the cleaning up, so this process has to outlive it.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`the Node in ${node} does not start: ${error.message}.`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/** The Node that npm installed, looked for from here upwards. */
function ownNode() {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const node = join(directory, 'node_modules', '.bin', 'node');
    if (existsSync(node)) return node;
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
  }
}

function fail(why) {
  process.stderr.write(`understudy: ${why}\n${wayOut()}\n`);
  process.exitCode = ENVIRONMENT;
}

function wayOut() {
  if (existsSync(new URL('../../scripts/setup.mjs', import.meta.url))) {
    return 'Run `node scripts/setup.mjs` in the repository first (`npm start` and `npm test` do it too).';
  }
  return major >= NODE_MAJOR
    ? 'Run `npm install` in your project again.'
    : `Run \`npm install --save-dev node@${NODE_MAJOR}\` in your project: this command then starts with that one.`;
}
