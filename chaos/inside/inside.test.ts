import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { systemClock, systemTimers } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InsideChannel, type InsideProcess } from './channel.ts';

let channel: InsideChannel;
const children: ChildProcess[] = [];
const LIMIT_MS = 10_000;

beforeEach(async () => {
  channel = await InsideChannel.open({
    newId: () => 'secret',
    clock: systemClock,
    timers: systemTimers,
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await closed;
    }
  }
  await channel[Symbol.asyncDispose]();
});

interface Started {
  readonly child: ChildProcess;
  line(): Promise<string>;
}

/** A program of its own that says `ready`, and has nothing to do with the runtime. */
function start(program: string, environment: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, ['-e', program], {
    env: {
      ...process.env,
      UNDERSTUDY_INCARNATION: 'i-1',
      ...channel.environment(undefined),
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const spoken: string[] = [];
  let wake = Promise.withResolvers<void>();
  lines.on('line', (text) => {
    spoken.push(text);
    wake.resolve();
    wake = Promise.withResolvers();
  });
  const line = async (): Promise<string> => {
    while (spoken.length === 0) await wake.promise;
    return spoken.shift()!;
  };
  return { child, line };
}

/** The process that reported for the incarnation; it may take a turn after its first line. */
async function reported(): Promise<InsideProcess> {
  for (;;) {
    const [found] = channel.processesOf('i-1');
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ASKED = `process.stdin.on('data', (text) => console.log(eval(String(text))));`;

test('a process that reports answers', async () => {
  const { child } = start(ASKED);
  const inside = await reported();
  expect(inside.pid).toBe(child.pid);
  expect(await inside.ask({ do: 'ping' }, LIMIT_MS)).toBeDefined();
});

test('a stalled process answers nothing until its time is over, though it runs', async () => {
  start(ASKED);
  const inside = await reported();
  await inside.ask({ do: 'ping' }, LIMIT_MS);
  const begun = inside.ask({ do: 'stall', forMs: 300, spin: false }, LIMIT_MS);
  const pinged = inside.ask({ do: 'ping' }, LIMIT_MS);
  expect(await begun).toBeDefined();
  expect(await inside.ask({ do: 'ping' }, 50)).toBeUndefined();
  // Not sooner than it was told to; how much later is this machine's affair.
  expect((await pinged)!.afterMs).toBeGreaterThanOrEqual(270);
});

test('a skewed process has another time of day, the same elapsed time, and true dates again', async () => {
  const { child, line } = start(ASKED);
  const inside = await reported();
  const told = async (question: string): Promise<number> => {
    child.stdin!.write(question);
    return Number(await line());
  };
  const dates = 'JSON.stringify([Date.now(), +new Date(), Date.parse(Date())].map((t) => t - t0))';
  await told('t0 = Date.now(); p0 = performance.now(); D = Date; 0');
  const hourMs = 3_600_000;
  await inside.ask({ do: 'skew', byMs: hourMs, everyMs: 0 }, LIMIT_MS);
  child.stdin!.write(dates);
  for (const shift of JSON.parse(await line()) as number[]) {
    expect(shift).toBeGreaterThan(hourMs - 1001);
    expect(shift).toBeLessThan(2 * hourMs);
  }
  expect(await told('performance.now() - p0')).toBeLessThan(hourMs);
  expect(await told('Number(new Date() instanceof Date && new D() instanceof Date)')).toBe(1);
  expect(
    await told('Number(new Date(0).getTime() === 0 && new Date(0).constructor === Date)'),
  ).toBe(1);
  await inside.ask({ do: 'unskew' }, LIMIT_MS);
  expect(await told('Number(Date === D)')).toBe(1);
  expect(await told('Date.now() - t0')).toBeLessThan(hourMs);
});

test('a clock that jumps is ahead and behind by turns', async () => {
  start(ASKED);
  const inside = await reported();
  const dayMs = 86_400_000;
  await inside.ask({ do: 'skew', byMs: dayMs, everyMs: 20 }, LIMIT_MS);
  const signs = new Set<number>();
  while (signs.size < 2) {
    const answer = await inside.ask({ do: 'clock', inMs: 10 }, LIMIT_MS);
    signs.add(Math.round(answer!.aheadMs! / dayMs));
  }
  expect([...signs].toSorted()).toEqual([-1, 1]);
});

const PASSES = `
  const point = (name, job) => globalThis[Symbol.for('understudy.failpoints')]?.hook?.(name, job);
  let n = 0;
  process.stdin.on('data', () => {
    for (const job of ['a', 'b', 'c']) { n += 1; point('here', job); }
    console.log('passed ' + n);
  });`;

test('an armed failpoint stops its process at the passing that was asked for, in one instant', async () => {
  const { child, line } = start(PASSES);
  const inside = await reported();
  child.stdin!.write('go');
  expect(await line()).toBe('passed 3');
  await inside.ask({ do: 'arm', name: 'here', passing: 5, job: undefined }, LIMIT_MS);
  child.stdin!.write('go');
  expect(await line()).toBe('passed 6');
  child.stdin!.write('go');
  expect(await line()).toBe('@understudy {"event":"failpoint","name":"here","n":5,"job":"b"}');
  expect(await inside.ask({ do: 'ping' }, 50)).toBeUndefined();
});

test('a failpoint can be armed for one job, and disarmed again', async () => {
  const { child, line } = start(PASSES);
  const inside = await reported();
  await inside.ask({ do: 'arm', name: 'here', passing: 1, job: 'z' }, LIMIT_MS);
  child.stdin!.write('go');
  expect(await line()).toBe('passed 3');
  await inside.ask({ do: 'arm', name: 'here', passing: 2, job: 'c' }, LIMIT_MS);
  child.stdin!.write('go');
  expect(await line()).toBe('passed 6');
  expect(await inside.ask({ do: 'disarm' }, LIMIT_MS)).toMatchObject({ passed: 1 });
  child.stdin!.write('go');
  expect(await line()).toBe('passed 9');
});

test('a program that has nothing left to do ends, whether the lab listens or not', async () => {
  const { child, line } = start(`console.log('done')`);
  expect(await line()).toBe('done');
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  expect(child.exitCode).toBe(0);
  const alone = start(`console.log('done')`, { UNDERSTUDY_INSIDE: '1:secret' });
  expect(await alone.line()).toBe('done');
  const code =
    alone.child.exitCode ?? (await new Promise((resolve) => alone.child.once('exit', resolve)));
  expect(code).toBe(0);
});

test('when the lab is gone a program has its clock back and passes its failpoints', async () => {
  const { child, line } = start(`
    const trueAgain = () => Date.now() < 2e12 ? console.log('true again') : setImmediate(trueAgain);
    process.stdin.once('data', () => { console.log('skewed ' + (Date.now() > 2e12)); trueAgain(); });
    ${PASSES}`);
  const inside = await reported();
  await inside.ask({ do: 'skew', byMs: 1e12, everyMs: 0 }, LIMIT_MS);
  await inside.ask({ do: 'arm', name: 'here', passing: 4, job: undefined }, LIMIT_MS);
  child.stdin!.write('go');
  expect(await line()).toBe('skewed true');
  expect(await line()).toBe('passed 3');
  await channel[Symbol.asyncDispose]();
  expect(await line()).toBe('true again');
  child.stdin!.write('go');
  expect(await line()).toBe('passed 6');
});

test('without the token nobody is taken for a node', async () => {
  const port = channel.environment(undefined).UNDERSTUDY_INSIDE!.split(':')[0];
  const { line } = start(
    `fetch('http://127.0.0.1:' + process.env.UNDERSTUDY_INSIDE.split(':')[0]).catch(() => console.log('still here'))`,
    { UNDERSTUDY_INSIDE: `${port}:guess` },
  );
  expect(await line()).toBe('still here');
  expect(channel.processesOf('i-1')).toEqual([]);
});

test("a node's own NODE_OPTIONS stay", () => {
  const { NODE_OPTIONS } = channel.environment('--no-warnings');
  expect(NODE_OPTIONS).toMatch(/^--no-warnings --require "\/.*preload\.cjs"$/);
});
