import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aPlace } from './command.ts';

interface AuditDocument {
  readonly status: string;
  readonly entries: readonly {
    readonly saboteur: string;
    readonly verdict: string;
    readonly found: readonly string[];
    readonly run: { readonly status: string; readonly directory: string };
    readonly twin: { readonly status: string; readonly directory: string };
  }[];
}

it('one saboteur is refuted by its anomaly, its twin passes, and both runs are there to look at', async () => {
  await using place = await aPlace();
  const words = ['audit', '--only', 'check-then-set', '--reporter', 'json'];
  const { status, stdout, stderr } = await place.understudy(words);
  const document = JSON.parse(stdout) as AuditDocument;
  const [entry, ...others] = document.entries;
  expect({ status, verdict: document.status, others }).toEqual({
    status: 0,
    verdict: 'pass',
    others: [],
  });
  expect(entry).toMatchObject({ saboteur: 'check-then-set', verdict: 'caught' });
  expect(entry?.found.join()).toMatch(/outcome: \d+ duplicated/);
  expect([entry?.run.status, entry?.twin.status]).toEqual(['fail', 'pass']);
  expect(stderr).toContain('sabotage: check-then-set');
  const schedule = await readFile(join(entry?.run.directory ?? '', 'schedule.json'), 'utf8');
  expect(JSON.parse(schedule)).toMatchObject({ settings: { sabotage: ['check-then-set'] } });
  const result = await readFile(join(entry?.run.directory ?? '', 'result.json'), 'utf8');
  expect(JSON.parse(result)).toMatchObject({ sabotage: ['check-then-set'] });
});

it('an audit that is interrupted says so, and makes no run beyond the two that go on', async () => {
  await using place = await aPlace();
  const running = place.start(['audit', '--only', 'check-then-set,no-recovery']);
  await running.said(/running: \d+ jobs flow/);
  running.signal('SIGINT');
  const { status, stdout } = await running.ended;
  expect(status).toBe(130);
  expect(stdout).toMatch(/^verdict: interrupted/m);
  expect((await readdir(place.runs)).length).toBeLessThanOrEqual(2);
});

it('a saboteur that does not exist is refused with 64 and the nearest name', async () => {
  await using place = await aPlace();
  const { status, stderr } = await place.understudy(['audit', '--only', 'check-then-get']);
  expect(status).toBe(64);
  expect(stderr).toMatch(/Did you mean check-then-set\?/);
});
