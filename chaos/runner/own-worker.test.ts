import { expect, test } from 'vitest';
import { isOwnWorker, OWN_WORKER_COMMAND } from './own-worker.ts';

test('the lab’s own worker is known from wherever its run was made', () => {
  expect(isOwnWorker(OWN_WORKER_COMMAND)).toBe(true);
  expect(isOwnWorker(['node', '/srv/lab/services/worker/src/main.ts'])).toBe(true);
  const installed = '/srv/shop/node_modules/@understudy/service-worker/src/main.js';
  expect(isOwnWorker(['node', installed])).toBe(true);
});

test('a worker of somebody else is not taken for the lab’s own', () => {
  expect(isOwnWorker(['node', '/srv/shop/worker/src/main.ts'])).toBe(false);
  expect(isOwnWorker([])).toBe(false);
});
