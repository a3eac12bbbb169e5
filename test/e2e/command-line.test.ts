import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RunResult, runResultSchema } from 'understudy';
import { aPlace, BIN } from './command.ts';
import { LENIENTLY } from './settings.ts';

// Three runs, one after the other.
const COMPARE_LIMIT_MS = 150_000;
const FAST = [
  ...['--ttl-ms', '1000', '--jobs', '300', '--seed', '7'],
  // So slowly that there is work for the second fault, however busy the machine is.
  ...['--rate', '150', '--handler-ms', '20'],
  ...LENIENTLY,
];

describe('run --reporter json', () => {
  it('prints one document and nothing else, the one in result.json, with status 0 for a pass', async () => {
    await using place = await aPlace();
    const words = ['run', 'kill-leader', '--mode', 'active-passive', '--reporter', 'json', ...FAST];
    const { status, stdout, stderr } = await place.understudy(words);
    const document = JSON.parse(stdout) as RunResult;
    expect(runResultSchema.parse(document).status).toBe('pass');
    expect(status).toBe(0);
    const written = await readFile(join(document.directory, 'result.json'), 'utf8');
    expect(document).toEqual(JSON.parse(written));
    expect(stderr).toMatch(/node-\d is active \(epoch 1\)/);
    // Whatever its own worker says, the lab understands.
    expect(stderr).not.toContain('passed over');
  });

  it('exits with 99 and names duplicated jobs where nothing is coordinated', async () => {
    await using place = await aPlace();
    const words = ['run', 'kill-leader', '--mode', 'uncoordinated', '--reporter', 'json', ...FAST];
    const { status, stdout } = await place.understudy(words);
    const { status: verdict, counts } = runResultSchema.parse(JSON.parse(stdout));
    expect(status).toBe(99);
    expect(verdict).toBe('fail');
    expect(counts?.duplicatedJobs.length).toBeGreaterThan(0);
  });

  it('frames several runs in one document, in which the worst status wins', async () => {
    await using place = await aPlace();
    const words = ['run', 'calm', '--reporter', 'json', '--jobs', '20', '--nodes', '1', '--quiet'];
    const { status, stdout, stderr } = await place.understudy(words);
    const { runs, ...frame } = JSON.parse(stdout) as { runs: RunResult[] };
    expect(frame).toEqual({ schemaVersion: 1, status: 'pass' });
    expect(runs.map(({ mode }) => mode)).toEqual(['active-passive', 'active-active']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('an unknown experiment is refused with 64 and the nearest name', async () => {
  await using place = await aPlace();
  const { status, stdout, stderr } = await place.understudy(['run', 'no-such']);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toMatch(/unknown experiment "no-such"\. The nearest name is [a-z-]+\./);
});

it('a reader that goes away, as `head` does, is no failure', async () => {
  const line = `"${process.execPath}" "${BIN}" run --help | true; exit \${PIPESTATUS[0]}`;
  const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('colours', () => {
  it('are not written where nobody sees them, unless they are asked for', async () => {
    await using place = await aPlace();
    const [plain, forced, forbidden] = await Promise.all([
      place.understudy(['list']),
      place.understudy(['list'], { FORCE_COLOR: '1' }),
      place.understudy(['list'], { NO_COLOR: '1' }),
    ]);
    expect(plain.stdout).not.toContain('\u001b[');
    expect(forced.stdout).toContain('\u001b[');
    expect(forbidden.stdout).toBe(plain.stdout);
  });
});

describe('compare', () => {
  it(
    'shows every step, and passes because both modes hold and the control falls',
    async () => {
      await using place = await aPlace();
      const { status, stdout } = await place.understudy(['compare', ...FAST, '--jobs', '600']);
      expect(stdout).toMatch(/^1 +active +passive +node-\d holds/m);
      expect(stdout).toMatch(/^2 +down +active +node-\d lost/m);
      expect(stdout).toMatch(/^3 +active +active/m);
      expect(stdout).toMatch(/^4 +conflict +conflict/m);
      const prose = stdout.replaceAll(/\s+/g, ' ');
      expect(prose).toMatch(/took effect more than once, .* enqueued (once|twice)/);
      expect(stdout).toMatch(/^verdict: pass/m);
      expect(status).toBe(0);
    },
    COMPARE_LIMIT_MS,
  );
});
