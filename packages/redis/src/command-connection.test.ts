import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandConnection } from './command-connection.ts';
import { findRedisServer } from './find-server.ts';
import { launchRedisServer, type RedisServer } from './launch-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const executable = findRedisServer(root, process.env)?.path ?? 'redis-server';
const directory = mkdtempSync(join(tmpdir(), 'understudy-redis-'));
let server: RedisServer;
beforeAll(async () => {
  server = await launchRedisServer({ executable, directory });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('a server that forbids INFO is named as the trouble, asked again over the same connection, and used once it allows it', async () => {
  await using admin = commandConnection(server.url, { name: 'admin' });
  await admin.ready();
  await admin.redis.acl('SETUSER', 'default', '-info');
  const troubles: string[] = [];
  const refused = Promise.withResolvers<void>();
  await using connection = commandConnection(server.url, {
    name: 'test',
    onError(error) {
      troubles.push(error.message);
      refused.resolve();
    },
  });
  let connected = 0;
  connection.redis.on('connect', () => (connected += 1));
  await refused.promise;
  expect(connection.runId).toBeUndefined();
  expect(troubles[0]).toMatch(/run_id.*allow its user INFO \(NOPERM/);
  await admin.redis.acl('SETUSER', 'default', '+info');
  await connection.ready();
  expect(connection.runId).toBe(admin.runId);
  expect(connected).toBe(1);
});
