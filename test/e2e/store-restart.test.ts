import '@understudy/testkit/matchers';
import { type RunResult, startLab } from '@understudy/testkit';
import { expect, it } from 'vitest';
import { OwnServers } from './own-servers.test-support.ts';
import { SHORT } from './settings.ts';
import { Witness } from './witness.test-support.ts';

/** The kinds of anomaly that a checker found. */
function anomalies(run: RunResult, checker: string): string[] {
  const result = run.checkers?.find((candidate) => candidate.checker === checker);
  return Object.keys(result?.totals ?? {}).sort();
}

/** A fleet on servers of the test's own, whose data server is replaced in the middle. */
async function runWhile(
  servers: OwnServers,
  persistence: 'none' | 'always',
  meddle: (witness: Witness, port: number) => Promise<void>,
): Promise<RunResult> {
  const data = await servers.start('data', { persistence });
  const lock = await servers.start('lock-1');
  await using lab = await startLab({
    ...SHORT,
    mode: 'active-passive',
    livenessBoundMs: 4000,
    redis: { dataUrl: data.url, lockUrls: [lock.url] },
  });
  const witness = new Witness();
  const meddled = meddle(witness, data.port);
  const run = await lab.run({ jobs: 400, seed: 1, onEvent: witness.observe });
  await meddled;
  return run;
}

it('L5: the data Redis restarted empty: no two leaders have one epoch, and the loss is the store’s', async () => {
  await using servers = await OwnServers.create();
  const run = await runWhile(servers, 'none', async (witness, port) => {
    await witness.effects(100);
    await servers.kill('data');
    await servers.start('data', { port });
  });
  expect(run).toBeRefutedBy('lost: store forgot');
  expect(anomalies(run, 'outcome')).not.toContain('lost');
  expect(anomalies(run, 'outcome')).not.toContain('duplicated');
  expect(run).toHaveOneEffectiveLeader();
});

it('L5: the data Redis restarted with an older snapshot: no two leaders have one epoch, and the loss is the store’s', async () => {
  await using servers = await OwnServers.create();
  const run = await runWhile(servers, 'always', async (witness, port) => {
    await witness.effects(60);
    await servers.copy('data', 'older');
    await witness.effects(160);
    await servers.kill('data');
    await servers.start('older', { port, persistence: 'always' });
  });
  expect(run).toBeRefutedBy('lost: store forgot');
  expect(anomalies(run, 'outcome')).not.toContain('lost');
  expect(anomalies(run, 'outcome')).not.toContain('duplicated');
  expect(run).toHaveOneEffectiveLeader();
});
