// What the lab puts into every Node.js process of a node (NODE_OPTIONS=--require): it connects to
// the lab and does there what can only be done from within: block the event loop, shift the wall
// clock, stop at a failpoint.
//
// It is the worker's guest. It is plain CommonJS, because `--require` works in every Node that a
// worker may run on; it keeps no process alive; it never throws into the worker; and until the lab
// asks for something it changes nothing. Without the lab's address (a child that was given an
// environment of its own), in a worker thread, or when the lab is gone it does nothing.
'use strict';

const HOST = '127.0.0.1';
const LONGEST_COMMAND = 10_000;

function start() {
  const { isMainThread } = require('node:worker_threads');
  const { UNDERSTUDY_INSIDE: address, UNDERSTUDY_INCARNATION: incarnation } = process.env;
  if (!isMainThread || !address || !incarnation) return;
  const [port, token] = address.split(':');
  const socket = require('node:net').connect({ port: Number(port), host: HOST });
  socket.unref();
  socket.setNoDelay(true);
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  const tell = (message) => void socket.write(`${JSON.stringify(message)}\n`);
  tell({ hello: token, incarnation, pid: process.pid });
  let rest = '';
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    if (rest.length > LONGEST_COMMAND) socket.destroy();
    for (const line of lines) quietly(() => obey(JSON.parse(line), tell));
  });
  // Nobody is there any more who could take it back.
  socket.on('close', () => quietly(restore));
}

function obey(command, tell) {
  const answer = (facts) => tell({ id: command.id, ...facts });
  switch (command.do) {
    case 'ping':
      return answer({});
    case 'clock':
      return void setTimeout(() => answer({ wallMs: Date.now() }), command.inMs).unref();
    case 'stall':
      // A line so short is written at once. From then on nothing of this process answers.
      answer({});
      return stall(command);
    case 'skew': {
      const { skew } = require('./wall-clock.cjs');
      skew(command);
      return answer({ wallMs: Date.now() });
    }
    case 'unskew': {
      const { unskew } = require('./wall-clock.cjs');
      unskew();
      return answer({ wallMs: Date.now() });
    }
    case 'arm': {
      const { arm } = require('./failpoints.cjs');
      arm(command);
      return answer({});
    }
    case 'disarm': {
      const { disarm } = require('./failpoints.cjs');
      return answer({ passed: disarm() });
    }
    default:
      return answer({ unknown: true });
  }
}

function stall({ forMs, spin }) {
  if (!spin) return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
  const untilNs = process.hrtime.bigint() + BigInt(Math.round(forMs * 1e6));
  while (process.hrtime.bigint() < untilNs);
}

function restore() {
  const { unskew } = require('./wall-clock.cjs');
  const { disarm } = require('./failpoints.cjs');
  unskew();
  disarm();
}

/** What goes wrong here is the lab's trouble: it sees that nobody answers. */
function quietly(attempt) {
  try {
    attempt();
  } catch {
    // The worker goes on as if nothing were here.
  }
}

quietly(start);
