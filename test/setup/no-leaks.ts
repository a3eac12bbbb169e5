// Every test file must leave nothing behind: no socket, no server, no child process. A connection
// that outlives its test keeps a real service from stopping, too.
import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { afterAll } from 'vitest';

const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'PipeServerWrap', 'ProcessWrap'];
// What was closed a moment ago takes a few turns of the event loop to go.
const GRACE_MS = 1_000;
const before = watched();

afterAll(async () => {
  const deadlineMs = systemClock.monotonicMs() + GRACE_MS;
  while (leaks().length > 0 && systemClock.monotonicMs() < deadlineMs) {
    await sleep(systemTimers, 10);
  }
  const left = leaks();
  if (left.length > 0) throw new Error(`this test file leaves behind: ${left.join(', ')}`);
});

function watched(): string[] {
  return process.getActiveResourcesInfo().filter((name) => WATCHED.includes(name));
}

function leaks(): string[] {
  const left = watched();
  for (const name of before) {
    const index = left.indexOf(name);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}
