import '@understudy/testkit/matchers';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { startLab } from '@understudy/testkit';
import { expect, it } from 'vitest';
import { OwnServers } from './own-servers.test-support.ts';
import { SHORT } from './settings.ts';
import { isElection, isStepDown, Witness } from './witness.test-support.ts';

/** For so long the standbys go on looking at the one lock node that is left: longer than a lease. */
const DARK_SECONDS = 1.5;

/** Resolves when commands have come to the server on `port` for `seconds`, by its own clock. */
function lookedAtFor(port: number, seconds: number): Promise<void> {
  // ioredis 6 does not understand what MONITOR says; it is one line a command: `+1795460524.52 …`.
  const socket = createConnection(port, '127.0.0.1', () => socket.write('MONITOR\r\n'));
  return new Promise<void>((resolve, reject) => {
    let first: number | undefined;
    socket.once('error', reject);
    createInterface(socket).on('line', (line) => {
      const time = Number(/^\+(\d+\.\d+) /.exec(line)?.[1] ?? NaN);
      if (Number.isNaN(time)) return;
      first ??= time;
      if (time - first >= seconds) resolve();
    });
  }).finally(() => socket.destroy());
}

it('two of three lock nodes down: nobody new leads, nothing is committed twice, and work resumes when one returns', async () => {
  await using servers = await OwnServers.create();
  const data = await servers.start('data');
  const locks = [
    await servers.start('lock-1'),
    await servers.start('lock-2'),
    await servers.start('lock-3'),
  ] as const;
  await using lab = await startLab({
    ...SHORT,
    mode: 'active-passive',
    redis: { dataUrl: data.url, lockUrls: locks.map(({ url }) => url) },
  });
  const witness = new Witness();
  const atWork = witness.effects(80);
  // So slow that jobs still come when the lease has run out: else the run ends before anybody has
  // to step down.
  const running = lab.run({ jobs: 300, rate: 50, seed: 1, onEvent: witness.observe });

  await atWork;
  const steppedDown = witness.next(isStepDown);
  for (const { child } of locks.slice(1)) child.kill('SIGKILL');
  await steppedDown;
  const before = witness.elections;
  await lookedAtFor(locks[0].port, DARK_SECONDS);
  expect(witness.elections).toBe(before);
  const elected = witness.next(isElection);
  await servers.start('lock-2', { port: locks[1].port });
  await elected;

  const run = await running;
  expect(run).toBeExactlyOnce();
  expect(run).toHaveOneEffectiveLeader();
  expect(run.counts?.effects).toBe(300);
});
