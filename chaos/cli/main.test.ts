import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from './main.ts';
import type { Terminal } from './terminal.ts';

/** A stream that remembers. */
class Heard extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'understudy-cli-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function understudy(
  ...words: string[]
): Promise<{ status: number; out: string; err: string }> {
  const [stdout, stderr] = [new Heard(), new Heard()];
  const terminal: Terminal = { stdout, stderr, cwd: directory, environment: { COLUMNS: '100' } };
  const status = await main(words, terminal);
  return { status, out: stdout.text, err: stderr.text };
}

describe('what does not exist or is out of range exits with 64, says what is allowed, and prints no report', () => {
  it.each([
    [['run', 'no-such'], /unknown experiment "no-such".*nearest name is \S+\. There are: calm, /],
    [['run', 'kill-leder'], /Did you mean kill-leader\?/],
    [['rnu', 'calm'], /unknown command 'rnu'[^]*Did you mean run\?/],
    [['run', 'calm', '--nodse', '3'], /unknown option '--nodse'[^]*Did you mean --nodes\?/],
    [['run', 'calm', '--mode', 'active-pasive'], /Did you mean active-passive\?/],
    [['run', 'calm', '--lane', 'straem'], /unknown lane "straem"[^]*Did you mean stream\?/i],
    [['audit', '--lane', 'bull'], /unknown lane "bull"[^]*Did you mean bullmq\?/i],
    [['audit', '--lane', 'bullmq', '--only', 'out-of-order'], /promises nothing that out-of-order/],
    [['run', 'calm', '--sabotage', 'out-of-order'], /Say --lane stream/],
    [['run', 'calm', '--lane', 'stream', '--worker', 'x'], /--lane is about.*say --contract/],
    [['run', 'calm', '--lane', 'stream', '--system'], /--lane is about .*its hooks say/],
    [
      ['run', 'calm', '--lane', 'stream', '--driver', 'docker'],
      /--lane is for fleets of processes/,
    ],
    [['run', 'calm', '--sabotage', 'no-fensing'], /Did you mean no-fencing\?/],
    [['run', 'calm', '--sabotage', 'no-fencing,'], /unknown saboteur ""/i],
    [['run', 'calm', '--reporter', 'jsn'], /Did you mean json\?/],
    [['run', 'calm', '--reporter', 'text,junti'], /Did you mean junit\?/],
    [['compare', '--reporter', 'text,json'], /Give the document a file: text,json=result\.json/],
    [['list', '--reporter', 'junit'], /unknown reporter "junit"/i],
    [['check', 'x.ndjson', '--reporter', 'junit'], /name a file, --reporter junit=<file>/],
    [['audit', '--reporter', 'text,junit'], /name a file, --reporter junit=<file>/],
    [['run', 'calm', '--nodes', '0'], /Expected a whole number from 1 to 32/],
    [['run', 'calm', '--nodes', 'three'], /Expected a whole number from 1 to 32/],
    [['run', 'calm', '--jobs', '1.5'], /Expected a whole number from 1 to/],
    [['run', 'calm', '--jobs', '5001'], /5001 jobs were asked for, and the input holds 5000/],
    [['run', 'calm', '--duplicates', '2'], /Expected a share from 0 to 1/],
    [['run', 'calm', '--rate', '0'], /Expected jobs a second/],
    [['run', 'calm', '--seed', '5..1'], /or a range of at most/],
    [['run', 'calm', '--repeat', '0'], /Expected a whole number from 1 to 1000/],
    [['run', 'calm', '--shrink-repeat', '2'], /--shrink-repeat needs --shrink/],
    [['replay', 'no-such-run'], /unknown run "no-such-run"/],
    [
      ['run', 'calm', '--contract', 'stream'],
      /--contract is about a worker of your own: say --worker/,
    ],
    [['run', 'calm', '--worker', 'x', '--contract', 'streem'], /Did you mean stream\?/],
    [['run', 'calm', '--worker', 'x', '--system'], /two ways to say what is run/],
    [['run', 'calm', '--worker', 'x', '--driver', 'docker'], /processes that the lab starts/],
    [['run', 'calm', '--worker', 'x', '--env', 'REDIS_URL=a'], /env\.REDIS_URL: is set by the lab/],
    [
      ['run', 'calm', '--worker', 'x', '--env', 'NOT_SET'],
      /--env NOT_SET hands over .*it has none/,
    ],
    [['run', 'calm', '--worker', 'x', '--queue', 'a:b'], /queue: must hold neither colons nor/],
    [['run', 'calm', '--worker', 'x', '--sabotage', 'no-fencing'], /leave out no-fencing/],
    [
      ['run', 'calm', '--worker', 'x', '--prefix', 'p', '--redis', 'redis://127.0.0.1:1'],
      /the prefix p is not this run's alone/,
    ],
    [['run', 'poison-job', '--worker', 'x'], /only this repository's worker has/],
    [['run', 'late-mint', '--worker', 'x'], /makes no sense in active-active: run it with --mode/],
    [['run', 'calm', '--system'], /there is no understudy\.config\.ts in .* or above it/],
    [['run', 'calm', '--config', 'nowhere.ts'], /there is no .*nowhere\.ts/],
    [['replay'], /missing required argument 'run'/],
    [['compare', '--repeat', '2'], /unknown option '--repeat'/],
    [['run', 'calm', '--ttl-ms', '-1'], /Expected a whole number from 200/],
    [['run', 'calm', '--lock-redis', 'redis://127.0.0.1:1'], /--lock-redis needs --redis/],
    [['run', 'calm', '--persistence', 'allways'], /Did you mean always\?/],
    [
      ['run', 'calm', '--redis', 'redis://127.0.0.1:1', '--persistence', 'always'],
      /--persistence is for the private Redis servers/,
    ],
    [['compare', '--mode', 'active-active'], /unknown option '--mode'/],
    [['run'], /missing required argument 'experiment'/],
    [['check'], /missing required argument/],
  ])('%j', async (words, message) => {
    const { status, out, err } = await understudy(...words);
    expect({ status, out }).toEqual({ status: 64, out: '' });
    expect(err).toMatch(message);
  });

  it('an empty command line shows the help', async () => {
    const { status, err } = await understudy();
    expect(status).toBe(64);
    expect(err).toContain('Examples:');
  });
});

it('a password in a URL that is none is not repeated', async () => {
  const { status, err } = await understudy('run', 'calm', '--redis', 'http://ada:hunter2@host');
  expect(status).toBe(64);
  expect(err).not.toContain('hunter2');
});

it('a malformed line of the input is named, with what was expected', async () => {
  await writeFile(
    join(directory, 'payments.ndjson'),
    '{"id":"p-1","account":"a","amountCents":1}\n{"id":"p-2","account":"a","amountCents":-5}\n',
  );
  const { status, err } = await understudy('run', 'calm', '--input', 'payments.ndjson');
  expect(status).toBe(64);
  expect(err).toMatch(/line 2: "amountCents" must be a whole number of cents, zero or more/);
});

it('what is no history is refused with its line and what was expected', async () => {
  await writeFile(join(directory, 'x.ndjson'), '{"history":2}\n');
  const { status, out, err } = await understudy('check', 'x.ndjson');
  expect({ status, out }).toEqual({ status: 64, out: '' });
  expect(err).toMatch(/x\.ndjson, line 1: not a header of a history/);
});

it('a Redis that cannot be started is an environment trouble, told with what doctor finds', async () => {
  const [stdout, stderr] = [new Heard(), new Heard()];
  const environment = { REDIS_SERVER: '/no/such/redis-server' };
  const words = ['run', 'calm', '--mode', 'active-active', '--jobs', '10'];
  await mkdir(join(directory, '.understudy'));
  const status = await main(words, { stdout, stderr, cwd: directory, environment });
  expect(status).toBe(69);
  expect(stderr.text).toMatch(/doctor finds:[^]*redis-server +PROBLEM[^]*setup\.mjs/);
});

it.each([['--help'], ['run', '--help'], ['compare', '--help'], ['help', 'check'], ['--version']])(
  'help and version are no failures: %s',
  async (...words) => {
    const { status, out } = await understudy(...(words as string[]));
    expect(status).toBe(0);
    expect(out).toMatch(/Example|^\d+\.\d+/);
  },
);

it('help tells what a report can be written as', async () => {
  for (const command of ['run', 'compare', 'replay', 'audit', 'check']) {
    const { out } = await understudy(command, '--help');
    const prose = out.replaceAll(/\s+/g, ' ');
    expect(prose).toMatch(/--reporter <names> text; json: .*junit=<file>; github: annotations/);
    expect(prose).toContain('(default: text)');
  }
});

it('list names experiments, faults, checkers and saboteurs, also as one JSON document', async () => {
  const { status, out } = await understudy('list', '--reporter', 'json');
  expect(status).toBe(0);
  const { experiments, faults, checkers } = JSON.parse(out) as Record<string, { name: string }[]>;
  const names = [experiments, faults, checkers].map((list) => list?.map(({ name }) => name));
  expect(names).toEqual([
    expect.arrayContaining(['kill-leader', 'failover']),
    expect.arrayContaining(['kill', 'stop', 'pause', 'restart', 'drop-clients']),
    ['outcome', 'fencing', 'order', 'conservation', 'liveness', 'steady', 'landed'],
  ]);
});

it('the value of a variable that is not one is not repeated', async () => {
  const { status, err } = await understudy(
    'run',
    'calm',
    '--worker',
    'x',
    '--env',
    'my key=secret',
  );
  expect(status).toBe(64);
  expect(err).toContain('--env needs KEY=VALUE');
  expect(err).not.toContain('secret');
});
