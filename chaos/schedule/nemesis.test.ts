import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultOperation, OperationBody } from '@understudy/history';
import { ManualTime, seededPrng } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FleetNode } from '../drivers/fleet.ts';
import type { NodeProcess } from '../drivers/node-process.ts';
import type { FailpointEvent } from '../drivers/protocol.ts';
import { openUndoJournal, type UndoJournal } from '../drivers/undo-journal.ts';
import type { InsideAnswer, InsideCommand } from '../inside/channel.ts';
import { Progress } from '../runner/progress.ts';
import type { Arena } from './arena.ts';
import { afterEffects, at, onceHealed, onceLanded, when } from './builders.ts';
import { compileSchedule } from './compile.ts';
import { Nemesis } from './nemesis.ts';
import type { Step } from './step.ts';

const NAMES = ['node-1', 'node-2', 'node-3'];

let time: ManualTime;
let progress: Progress;
let faults: FaultOperation[];
let interrupt: AbortController;
let directory: string;
let journal: UndoJournal;
let signals: string[];
let restarts: string[];
/** What a node is reached within through; undefined: one process. */
let within: [] | undefined;

beforeEach(() => {
  time = new ManualTime();
  progress = new Progress(time);
  faults = [];
  signals = [];
  restarts = [];
  within = undefined;
  asked = [];
  atFailpoint = Promise.withResolvers();
  interrupt = new AbortController();
  directory = mkdtempSync(join(tmpdir(), 'understudy-nemesis-'));
  journal = openUndoJournal(directory);
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

const record = (body: OperationBody): void => {
  const operation = { seq: 1, at: time.monotonicMs(), ...body };
  if (operation.op === 'fault') faults.push(operation);
  progress.observe(operation);
};
const state = (node: string, is: 'active' | 'passive' | 'down', epoch = 0): void =>
  record({ op: 'state', type: 'info', process: node, node, incarnation: 'i', state: is, epoch });
const accept = (job: string): void =>
  record({ op: 'enqueue', type: 'ok', process: 'producer-1', job });
const effect = (job: string): void =>
  record({
    op: 'effect',
    type: 'ok',
    process: 'ledger',
    job,
    node: 'node-1',
    position: 1,
    id: '1-0',
    source: 'live',
  });

/** What the nodes of the fleet below are asked within, and when they come to a failpoint. */
let asked: string[];
let atFailpoint: PromiseWithResolvers<FailpointEvent | undefined>;

/** A fleet whose processes obey every signal at once. */
function obedientFleet(): Arena {
  const nodes = NAMES.map((name, i) => {
    const process = {
      pid: 100 + i,
      startTime: `t-${i}`,
      who: `pid ${100 + i}`,
      incarnation: `i-${i}`,
      signal: (signal: string) => {
        signals.push(`${name} ${signal}`);
        if (signal === 'SIGKILL') state(name, 'down');
      },
      exitWithin: () =>
        Promise.resolve(
          signals.some((sent) => /^(\S+) SIG(KILL|TERM)$/.exec(sent)?.[1] === name)
            ? { code: null, signal: 'SIGKILL' }
            : undefined,
        ),
      statesWithin: (_: number, stopped: boolean) => Promise.resolve(stopped ? 'T' : 'S'),
      told: (states: string) => `pid ${100 + i} is in state ${states}`,
      untilFailpoint: () => atFailpoint.promise,
    } as unknown as NodeProcess;
    const restart = (): Promise<NodeProcess> => {
      restarts.push(name);
      return Promise.resolve(process);
    };
    const ask = (command: InsideCommand): Promise<InsideAnswer> => {
      asked.push(`${name} ${command.do}`);
      return Promise.resolve({ afterMs: 1, passed: 2 });
    };
    const inside = within ?? [{ pid: 100 + i, ask }];
    const insideWithin = () => Promise.resolve(inside);
    return { name, up: true, process, inside, insideWithin, restart } satisfies FleetNode;
  });
  return { nodes, linkOf: () => undefined, serverOf: () => undefined };
}

function nemesis(...steps: Step[]): Nemesis {
  return new Nemesis({
    steps: compileSchedule(steps, {
      nodes: NAMES,
      servers: ['data'],
      platform: 'linux',
      redis: 'private',
    }),
    arena: obedientFleet(),
    mode: 'active-passive',
    progress,
    record,
    journal,
    prng: seededPrng(1),
    signal: interrupt.signal,
    clock: time,
    timers: time,
  });
}

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function advance(byMs: number): Promise<void> {
  await settled();
  time.advance(byMs);
  await settled();
}

const told = (): string[] => faults.map(({ id, phase, target }) => `${id} ${phase} ${target}`);

test('a step fires at its time, on the leader of that time, and is healed after its duration', async () => {
  const run = nemesis(at('2s').kill('leader', { restartAfter: '1s' }));
  accept('a');
  state('node-2', 'active', 1);
  await advance(1999);
  expect(faults).toEqual([]);
  await advance(1);
  expect(told()).toEqual(['f1 inject node-2', 'f1 landed node-2']);
  expect(signals).toEqual(['node-2 SIGKILL']);
  await advance(1000);
  await run.done;
  expect(told().slice(2)).toEqual(['f1 heal node-2', 'f1 healed node-2']);
  expect(restarts).toEqual(['node-2']);
  expect(faults[1]).toMatchObject({
    requested: 'leader',
    role: 'leader',
    evidence: 'pid 101 ended by SIGKILL',
    unfinished: 1,
    incarnation: 'i-1',
  });
});

test('the undo entry of a fault is on disk before the fault is recorded as injected', async () => {
  const run = nemesis(at(0).pause('node-3', { for: 10 }));
  accept('a');
  state('node-1', 'active', 1);
  await advance(0);
  const written = readFileSync(join(directory, 'undo.ndjson'), 'utf8');
  expect(JSON.parse(written)).toEqual({
    kind: 'fault',
    id: 'f1',
    what: 'pause node-3',
    pid: 102,
    startTime: 't-2',
    undo: 'SIGCONT to the process group',
  });
  expect(run.lastWakeMs).toBeUndefined();
  await advance(10);
  await run.done;
  expect(signals).toEqual(['node-3 SIGSTOP', 'node-3 SIGCONT']);
  expect(run.lastWakeMs).toBe(10);
});

test('a step after so many effects fires with that effect', async () => {
  nemesis(afterEffects(2).kill('node-1'));
  for (const job of ['a', 'b', 'c']) accept(job);
  effect('a');
  await advance(0);
  expect(faults).toEqual([]);
  effect('b');
  await advance(0);
  expect(told()).toEqual(['f1 inject node-1', 'f1 landed node-1']);
  interrupt.abort();
});

test('a step for a leader waits until there is one', async () => {
  nemesis(when('leader', '100ms').kill('leader'));
  accept('a');
  state('node-1', 'passive');
  await advance(500);
  expect(faults).toEqual([]);
  state('node-1', 'active', 3);
  await advance(100);
  expect(told()[0]).toBe('f1 inject node-1');
  interrupt.abort();
});

test('no fault lands on an idle fleet: a step that is due waits for work to interrupt', async () => {
  nemesis(at(0).kill('node-1'));
  await advance(50);
  expect(faults).toEqual([]);
  accept('a');
  await advance(0);
  expect(told()[0]).toBe('f1 inject node-1');
  interrupt.abort();
});

test('a node that works is hit while it has a job in hand', async () => {
  nemesis(at(10).kill('leader'));
  state('node-1', 'active', 1);
  accept('a');
  const attempt = (job: string): void =>
    record({ op: 'attempt', type: 'invoke', process: 'node-1', job, node: 'node-1', n: 1 });
  attempt('a');
  effect('a');
  accept('b');
  await advance(10);
  expect(faults).toEqual([]);
  attempt('b');
  await advance(0);
  expect(told()[0]).toBe('f1 inject node-1');
  interrupt.abort();
});

test('a node is in the hands of one fault at a time: the second step takes another node', async () => {
  const run = nemesis(at(0).pause('any', { for: 50 }), at(10).pause('any', { for: 50 }));
  accept('a');
  await advance(0);
  await advance(10);
  const hit = faults.filter(({ phase }) => phase === 'inject').map(({ target }) => target);
  expect(new Set(hit).size).toBe(2);
  expect(run.inForce).toBe(2);
  await advance(50);
  await run.done;
  expect(run.inForce).toBe(0);
  expect(run.lastHealMs).toBe(60);
});

test('a paused leader is not hit again: the step waits for its successor', async () => {
  const run = nemesis(at(0).pause('leader', { for: 5000 }), at(10).kill('leader'));
  accept('a');
  state('node-1', 'active', 1);
  await advance(0);
  await advance(10);
  expect(told()).toEqual(['f1 inject node-1', 'f1 landed node-1']);
  state('node-3', 'active', 2);
  await advance(0);
  expect(told().at(-1)).toBe('f2 landed node-3');
  await advance(5000);
  await run.done;
});

test('a step that finds nobody to hit is recorded as refused when its limit is over', async () => {
  const run = nemesis(at(0).kill('leader'));
  accept('a');
  await advance(0);
  await advance(10_000);
  await run.done;
  expect(faults).toMatchObject([
    { phase: 'refused', target: 'leader', evidence: expect.stringContaining('never fired') },
  ]);
});

test('steps that have not fired when the work is over are recorded as refused', async () => {
  const run = nemesis(at('60s').kill('leader'), afterEffects(1000).kill('any'));
  await settled();
  run.giveUp();
  await run.done;
  expect(told()).toEqual(['f1 refused leader', 'f2 refused any']);
  expect(faults[0]?.evidence).toContain('the work was over before it was due');
  expect(time.pending).toBe(0);
});

test('an interrupted nemesis heals nothing and starts nothing: the caller ends the processes', async () => {
  const run = nemesis(at(0).kill('node-1'), at('5s').kill('node-2'));
  accept('a');
  await advance(0);
  interrupt.abort();
  await run.done;
  expect(told()).toEqual(['f1 inject node-1', 'f1 landed node-1']);
  expect(restarts).toEqual([]);
  expect(time.pending).toBe(0);
});

test('a step in sequence fires when the one before it is healed, and hits the same node', async () => {
  const run = nemesis(
    at(0).pause('any', { for: 50 }),
    onceHealed('10ms').kill('same', { restartAfter: 5 }),
  );
  accept('a');
  await advance(0);
  const [first] = faults;
  await advance(50);
  await advance(9);
  expect(told()).toHaveLength(4);
  await advance(1);
  expect(told().slice(4)).toEqual([`f2 inject ${first?.target}`, `f2 landed ${first?.target}`]);
  await advance(5);
  await run.done;
});

test('a step that joins another waits for it to land, not for its end', async () => {
  const run = nemesis(
    at(0).pause('node-1', { for: 1000 }),
    onceLanded().kill('node-2', { restartAfter: 5 }),
  );
  accept('a');
  await advance(0);
  await advance(0);
  await advance(5);
  expect(told()).toContain('f2 healed node-2');
  expect(told()).not.toContain('f1 heal node-1');
  await advance(1000);
  await run.done;
});

test('a step whose predecessor came to nothing is refused and says so', async () => {
  const run = nemesis(at(0).kill('leader'), onceHealed().kill('node-1'));
  accept('a');
  await advance(0);
  await advance(10_000);
  await run.done;
  expect(faults.at(-1)).toMatchObject({
    id: 'f2',
    phase: 'refused',
    evidence: 'it never fired: f1 came to nothing',
  });
});

test('a step for a fleet without a leader fires when the leader has gone', async () => {
  state('node-1', 'active', 1);
  nemesis(when('leaderless').kill('node-3'));
  accept('a');
  await advance(10);
  expect(faults).toEqual([]);
  state('node-1', 'down');
  await advance(0);
  expect(told()[0]).toBe('f1 inject node-3');
  interrupt.abort();
});

test('a fault that lies in wait is injected when the node stands there, in the role it has then', async () => {
  const run = nemesis(at(0).crashAt('standby', { failpoint: 'here', restartAfter: 10 }));
  accept('a');
  state('node-1', 'active', 1);
  await advance(0);
  expect(asked).toHaveLength(1);
  const [node = ''] = asked[0]!.split(' ');
  expect(asked).toEqual([`${node} arm`]);
  // Nothing has happened yet, and the run need not wait for it.
  expect([faults, signals, run.inForce]).toEqual([[], [], 0]);
  state(node, 'active', 2);
  atFailpoint.resolve({ event: 'failpoint', name: 'here', n: 1, job: 'b' });
  await advance(0);
  expect(told()).toEqual([`f1 inject ${node}`, `f1 landed ${node}`]);
  // The job it was caught with counts, also when its effect is seen already.
  expect(faults[1]).toMatchObject({ requested: 'standby', role: 'leader', unfinished: 2 });
  expect(signals).toEqual([`${node} SIGKILL`]);
  await advance(10);
  await run.done;
  expect(restarts).toEqual([node]);
});

test('a trap into which nobody walked is taken away, and it is said how near it was', async () => {
  const run = nemesis(at(0).crashAt('node-2', { failpoint: 'here', passing: 3 }));
  accept('a');
  state('node-1', 'active', 1);
  await advance(0);
  run.giveUp();
  await run.done;
  expect(asked).toEqual(['node-2 arm', 'node-2 disarm']);
  expect(told()).toEqual(['f1 refused node-2']);
  expect(faults[0]?.evidence).toBe('it never fired: passed 2 times until the work was over');
  expect(signals).toEqual([]);
});

test('a fault within a node that is not of Node.js is refused, and there is nothing to heal', async () => {
  within = [];
  const run = nemesis(at(0).stall('node-2', { for: 5000 }));
  accept('a');
  state('node-1', 'active', 1);
  await advance(0);
  await advance(0);
  await run.done;
  expect(told()).toEqual(['f1 inject node-2', 'f1 refused node-2']);
  expect(faults[1]?.evidence).toMatch(
    /runs no Node\.js process.*This fault is for nodes in Node\.js/,
  );
  expect(run.unhealed).toEqual([]);
});
