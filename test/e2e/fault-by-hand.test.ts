import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runResultSchema } from 'understudy';
import { expect, it } from 'vitest';
import { aPlace, type Ended, type Place } from './command.ts';
import { LENIENTLY } from './settings.ts';

// Long enough for some commands, one after the other: a fault by hand is asked for while jobs flow.
const RUN = [
  ...['run', 'calm', '--mode', 'active-passive', '--ttl-ms', '1000'],
  ...['--jobs', '2000', '--rate', '60', '--reporter', 'json'],
  ...LENIENTLY,
];
const LIMIT_MS = 120_000;

function documentIn({ stdout, stderr }: Ended): Record<string, unknown> {
  return JSON.parse(stdout || JSON.stringify({ stderr })) as Record<string, unknown>;
}

const fault = (place: Place, words: string): Promise<Ended> =>
  place.understudy(['fault', ...words.split(' ')]);

it(
  'a fault by hand is injected by the run that goes on, with evidence, and its judge knows of it',
  async () => {
    await using place = await aPlace();
    const running = place.start(RUN);
    await running.said(/2000 jobs flow/);
    const [paws, latency, everybody, killed] = await Promise.all([
      fault(place, 'paws leader'),
      fault(place, 'latency any'),
      fault(place, 'kill all'),
      fault(place, 'kill leader --restart-after 300ms --reporter json'),
    ]);
    expect([paws, latency, everybody].map(({ status }) => status)).toEqual([64, 64, 64]);
    expect(paws.stderr).toMatch(/there is no such fault; there are kill, /);
    expect(latency.stderr).toMatch(/Start the run with --proxies/);
    expect(everybody.stderr).toMatch(/one fault hits one target/);
    expect(documentIn(killed)).toMatchObject({
      ...{ id: 'h1', fault: 'kill', requested: 'leader', role: 'leader' },
      ...{ landed: true, healed: true },
    });
    expect(documentIn(killed).evidence).toMatch(/^pid \d+ ended by SIGKILL$/);

    const pausing = place.start(['fault', 'pause', 'node-1', '--for', '60s']);
    await pausing.said(/pause node-1 .*landed after/, 'stdout');
    const excluded = await fault(place, 'kill node-1');
    expect(excluded.status).toBe(69);
    expect(excluded.stderr).toMatch(/node-1 is in the hands of another fault \(h2, pause\)/);
    pausing.signal('SIGINT');
    const { status, stdout } = await pausing.ended;
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/pause node-1 \(\w+\) is taken back: pid \d+/);
    expect(status).toBe(0);

    const result = runResultSchema.parse(documentIn(await running.ended));
    // A busy machine may make the lab doubt what it measured; it must not refute.
    expect(['pass', 'inconclusive']).toContain(result.status);
    expect(result.counts).toMatchObject({ accepted: 2000, ok: 2000, lost: 0, duplicated: 0 });
    expect(result.faults.map(({ id, fault, landed }) => [id, fault, landed])).toEqual([
      ['h1', 'kill', true],
      ['h2', 'pause', true],
    ]);
    expect(result.takeovers.map(({ cause }) => cause)).toContain('kill');
    const history = await readFile(join(result.directory, 'history.ndjson'), 'utf8');
    expect(history).toMatch(/"id":"h2","fault":"pause","target":"node-1".*"phase":"healed"/);

    const late = await fault(place, `kill leader --run ${result.run}`);
    expect(late.status).toBe(64);
    expect(late.stderr).toMatch(/is over: nothing of it runs any more/);
  },
  LIMIT_MS,
);

it(
  'whoever asked may be killed, and the run may end: the fault is taken back, and that is said',
  async () => {
    await using place = await aPlace();
    const running = place.start([...RUN, '--proxies']);
    await running.said(/2000 jobs flow/);
    const killed = place.start(['fault', 'partition', 'any', '--for', '60s']);
    await killed.said(/landed after/, 'stdout');
    killed.signal('SIGKILL');
    await running.said(/fault h1 partition node-\d .*healed/);
    const asking = place.start(['fault', 'pause', 'standby', '--for', '60s']);
    await asking.said(/landed after/, 'stdout');
    running.signal('SIGINT');
    const { status, stderr } = await asking.ended;
    expect(status).toBe(69);
    expect(stderr).toMatch(/ended meanwhile, and everything it had started with it/);
    expect((await running.ended).status).toBe(130);
  },
  LIMIT_MS,
);
