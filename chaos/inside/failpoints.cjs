// Stops this process at a named failpoint. A program passes one by
//
//   globalThis[Symbol.for('understudy.failpoints')]?.hook?.('before-commit', jobId);
//
// At the passing that was asked for it says so on standard output and stands still, in the middle of
// its instructions, until the lab kills it. Should the lab not come, it goes on after a while.
'use strict';

const fs = require('node:fs');

const STDOUT = 1;
const LONGEST_WAIT_MS = 10_000;
const LONGEST_WRITE_MS = 1000;
const RETRY_MS = 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const place = (globalThis[Symbol.for('understudy.failpoints')] ??= { hook: undefined });
let armed;

exports.arm = ({ name, passing, job }) => {
  armed = { name, passing, job, passed: 0 };
  place.hook = pass;
};

/** Returns how often the failpoint was passed since it was armed. */
exports.disarm = () => {
  const passed = armed?.passed ?? 0;
  armed = undefined;
  place.hook = undefined;
  return passed;
};

function pass(name, job) {
  if (name !== armed?.name) return;
  if (armed.job !== undefined && job !== armed.job) return;
  armed.passed += 1;
  if (armed.passed < armed.passing) return;
  const event = { event: 'failpoint', name, n: armed.passed, job };
  exports.disarm();
  if (say(`@understudy ${JSON.stringify(event)}\n`)) sleep(LONGEST_WAIT_MS);
}

/** Written at once, even where standard output is a pipe that is full for the moment. */
function say(line) {
  const bytes = Buffer.from(line);
  let written = 0;
  for (let waitedMs = 0; waitedMs < LONGEST_WRITE_MS; waitedMs += RETRY_MS) {
    try {
      written += fs.writeSync(STDOUT, bytes, written);
      if (written === bytes.length) return true;
    } catch (error) {
      if (error.code !== 'EAGAIN') return false;
    }
    sleep(RETRY_MS);
  }
  return false;
}

function sleep(ms) {
  Atomics.wait(sleeper, 0, 0, ms);
}
