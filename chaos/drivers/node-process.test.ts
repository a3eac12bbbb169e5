import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemTimers } from '@understudy/runtime';
import { afterAll, afterEach, expect, test } from 'vitest';
import { kill } from '../faults/kill.ts';
import { pause } from '../faults/pause.ts';
import { stop } from '../faults/stop.ts';
import type { FaultyNode } from './faulty-node.ts';
import { type NodeProcess, type NodeProcessOptions, startNodeProcess } from './node-process.ts';
import { groupStates, startTimeOf } from './process-table.ts';
import type { ProtocolEvent } from './protocol.ts';
import { openUndoJournal } from './undo-journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'understudy-node-'));
const journal = openUndoJournal(directory);
const started: NodeProcess[] = [];
let count = 0;

afterEach(async () => {
  for (const node of started) node.signal('SIGKILL');
  await Promise.all(started.splice(0).map((node) => node.silent));
});
afterAll(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

const READY = `echo '@understudy {"event":"ready"}'`;
const logPath = (n: number): string => join(directory, `node.${n}.log`);

function node(
  script: string,
  events: ProtocolEvent[] = [],
  more: Partial<NodeProcessOptions> = {},
): NodeProcess {
  count += 1;
  const process = startNodeProcess({
    node: 'node-1',
    incarnation: `i-${count}`,
    command: ['/bin/sh', '-c', script],
    environment: { PATH: globalThis.process.env.PATH, GREETING: 'hello' },
    logPath: logPath(count),
    journal,
    onEvent: (event) => events.push(event),
    clock: systemClock,
    timers: systemTimers,
    ...more,
  });
  started.push(process);
  return process;
}

const faulty = (process: NodeProcess): FaultyNode => ({
  pid: process.pid,
  startTime: process.startTime,
  who: process.who,
  signal: (name) => process.signal(name),
  exitWithin: (limitMs) => process.exitWithin(limitMs),
  statesWithin: (limitMs, stopped) => process.statesWithin(limitMs, stopped),
  told: (states) => process.told(states),
  inside: [],
  insideWithin: () => Promise.resolve([]),
  cpuMs: () => process.cpuMs(),
  untilFailpoint: (name, signal) => process.untilFailpoint(name, signal),
  restart: () => Promise.reject(new TypeError('not here')),
});

test('what a node says by the contract is events, all else is in its log', async () => {
  const events: ProtocolEvent[] = [];
  const process = node(
    `echo starting $GREETING; ${READY}; echo oops >&2; echo '@understudy {"event":"state","state":"active"}'`,
    events,
  );
  await process.ready();
  expect(await process.exited).toEqual({ code: 0, signal: null });
  await process.silent;
  expect(events).toEqual([{ event: 'ready' }, { event: 'state', state: 'active' }]);
  const log = readFileSync(logPath(count), 'utf8');
  expect(log).toContain('starting hello\n');
  expect(log).toContain('oops\n');
});

test('the undo entry of a process is on disk, with the start time that tells it apart', async () => {
  const process = node(`${READY}; sleep 60`);
  const written = readFileSync(join(directory, 'undo.ndjson'), 'utf8');
  const entry: unknown = JSON.parse(written.trim().split('\n').at(-1) ?? '');
  expect(entry).toMatchObject({ kind: 'process', pid: process.pid, startTime: process.startTime });
  await process.ready();
  // The gate became the command: the same process, by pid and start time.
  expect(startTimeOf(process.pid)).toBe(process.startTime);
});

test('a node that dies at start is an error with the end of its log', async () => {
  const process = node('echo "cannot find the ledger" >&2; exit 3');
  await expect(process.ready()).rejects.toThrow(
    /node-1 exited with code 3 before it was ready[^]*cannot find the ledger/,
  );
});

test('a command that does not exist is an error that says so', async () => {
  const process = startNodeProcess({
    node: 'node-1',
    incarnation: 'i',
    command: ['/no/such/worker'],
    environment: {},
    logPath: join(directory, 'missing.log'),
    journal,
    onEvent: () => undefined,
    clock: systemClock,
    timers: systemTimers,
  });
  started.push(process);
  await expect(process.ready()).rejects.toThrow(/no\/such\/worker[^]*not found/);
});

test('a node that says nothing is not ready when its time is over', async () => {
  count += 1;
  const impatient = {
    ...systemTimers,
    after: (_: number, f: () => void) => systemTimers.after(20, f),
  };
  const process = startNodeProcess({
    node: 'node-1',
    incarnation: 'i',
    command: ['/bin/sh', '-c', 'echo hm; sleep 60'],
    environment: { PATH: globalThis.process.env.PATH },
    logPath: logPath(count),
    journal,
    onEvent: () => undefined,
    clock: systemClock,
    timers: impatient,
  });
  started.push(process);
  await expect(process.ready()).rejects.toThrow(/printed no "@understudy \{…\}" line within 10 s/);
});

test('a kill takes the whole process group and is evidenced by the signal of the exit', async () => {
  const process = node(`sleep 60 & ${READY}; wait`);
  await process.ready();
  expect(groupStates(process.pid)).toHaveLength(2);
  expect(await kill.inject(faulty(process), { restartAfterMs: 0 })).toEqual({
    seen: true,
    evidence: `pid ${process.pid} ended by SIGKILL`,
  });
  await process.silent;
  expect(groupStates(process.pid)).toBe('');
});

test('a kill of a node that had ended by itself has not landed', async () => {
  const process = node(READY);
  await process.exited;
  expect(await kill.inject(faulty(process), { restartAfterMs: 0 })).toEqual({
    seen: false,
    evidence: `pid ${process.pid} exited with code 0`,
  });
});

test('a stop is evidenced by exit code or signal', async () => {
  const orderly = node(`trap 'exit 7' TERM; ${READY}; while :; do sleep 0.01; done`);
  await orderly.ready();
  expect((await stop.inject(faulty(orderly), { restartAfterMs: 0 })).evidence).toBe(
    `pid ${orderly.pid} exited with code 7 after SIGTERM`,
  );
  const plain = node(`${READY}; exec sleep 60`);
  await plain.ready();
  expect(await stop.inject(faulty(plain), { restartAfterMs: 0 })).toEqual({
    seen: true,
    evidence: `pid ${plain.pid} ended by SIGTERM after SIGTERM`,
  });
});

test('a pause is evidenced by state T of every process of the group, its end by another', async () => {
  const process = node(`sleep 60 & ${READY}; wait`);
  await process.ready();
  expect(await pause.inject(faulty(process), { forMs: 0 })).toEqual({
    seen: true,
    evidence: `pid ${process.pid} is in state T, T in the process table`,
  });
  expect(groupStates(process.pid)).toBe('TT');
  const healed = await pause.heal(faulty(process), { forMs: 0 });
  expect(healed.seen).toBe(true);
  expect(groupStates(process.pid)).not.toContain('T');
});

test('a pause of a node that is gone has not landed', async () => {
  const process = node(READY);
  await process.exited;
  expect(await pause.inject(faulty(process), { forMs: 0 })).toEqual({
    seen: false,
    evidence: `pid ${process.pid} is not in the process table`,
  });
});

test('a node that prints nothing is ready by another sign', async () => {
  const { promise: seen, resolve } = Promise.withResolvers<void>();
  const sign = { seen, missing: 'did nothing', advice: 'Do something.' };
  const process = node('exec sleep 60', [], { sign });
  resolve();
  await process.ready();
});

test('one without any sign is told what was waited for, and the broken lines that it printed', async () => {
  const timers = {
    ...systemTimers,
    after: (_: number, f: () => void) => systemTimers.after(100, f),
  };
  const sign = {
    ...{ seen: new Promise<void>(() => undefined), missing: 'sent no command to Redis' },
    advice: 'It must use REDIS_URL.',
  };
  const broken: string[] = [];
  const onMalformed = (line: string): void => void broken.push(line);
  const process = node(`echo '@understudy {ready}'; sleep 60`, [], { sign, timers, onMalformed });
  await expect(process.ready()).rejects.toThrow(
    /printed no "@understudy \{…\}" line and sent no command to Redis within 10 s; it printed 1 that begin.*@understudy \{ready\} \(.*not JSON\)\. It must use REDIS_URL\./,
  );
  expect(broken).toEqual(['@understudy {ready}']);
});

test('where a sign alone counts, what the node prints does not', async () => {
  const timers = {
    ...systemTimers,
    after: (_: number, f: () => void) => systemTimers.after(100, f),
  };
  const seen = new Promise<void>(() => undefined);
  const sign = { seen, missing: 'was not ready', advice: 'Ask.', alone: true };
  const process = node(`${READY}; sleep 60`, [], { sign, timers });
  await expect(process.ready()).rejects.toThrow(/node-1 was not ready within 10 s\. Ask\./);
});

test('a command that a shell does not find is said to be none', async () => {
  const process = node('no-such-worker --fast');
  await expect(process.ready()).rejects.toThrow(
    /exited with code 127 before it was ready: there is no such command/,
  );
});

test('a node is started where it is to be', async () => {
  const process = node(`pwd; ${READY}`, [], { cwd: directory });
  await process.silent;
  expect(readFileSync(logPath(count), 'utf8').trim()).toMatch(/understudy-node-/);
});

test('a group ends with the last of it where a shell goes before its worker, which may drain', async () => {
  const drained = join(directory, 'drained');
  const script = join(directory, 'worker.sh');
  writeFileSync(
    script,
    `trap 'sleep 0.1; echo yes > ${drained}; exit 0' TERM\n${READY}\nwhile :; do sleep 0.01; done\n`,
  );
  const process = node(`sh ${script} & wait`, [], { endsWith: 'last' });
  await process.ready();
  process.signal('SIGTERM');
  await process.exited;
  expect(readFileSync(drained, 'utf8')).toBe('yes\n');
  expect(groupStates(process.pid)).toBe('');
});
