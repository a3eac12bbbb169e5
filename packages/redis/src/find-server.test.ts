import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRedisServer } from './find-server.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-find-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function executable(...parts: string[]): string {
  const path = join(root, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

test('REDIS_SERVER wins over PATH, and PATH over what setup unpacked', () => {
  const unpacked = executable('.understudy', 'bin', 'redis-server');
  expect(findRedisServer(root, {})).toEqual({ path: unpacked, source: 'setup' });
  const installed = executable('bin', 'valkey-server');
  const PATH = join(root, 'bin');
  expect(findRedisServer(root, { PATH })).toEqual({ path: installed, source: 'PATH' });
  const named = { PATH, REDIS_SERVER: '/elsewhere/redis-server' };
  expect(findRedisServer(root, named)).toEqual({
    path: '/elsewhere/redis-server',
    source: 'REDIS_SERVER',
  });
});

test('where there is none, none is found', () => {
  expect(findRedisServer(root, { PATH: root })).toBeUndefined();
});
