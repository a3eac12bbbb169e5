import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvariantViolation, ManualTime } from '@understudy/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect } from './collect.test-support.ts';
import { HistoryUnwritable } from './errors.ts';
import { exampleHeader } from './example-header.test-support.ts';
import type { Operation, OperationBody } from './operation.ts';
import { readHistory } from './reader.ts';
import { createRecorder } from './recorder.ts';

const STALL: OperationBody = { op: 'stall', type: 'info', process: 'lab', durationMs: 3 };

let directory: string;
let path: string;
let time: ManualTime;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-history-'));
  path = join(directory, 'history.ndjson');
  time = new ManualTime(5000);
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('the recorder', () => {
  test('writes the header at once, before anything is recorded', async () => {
    await using recorder = createRecorder({ path, header: exampleHeader, clock: time });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(exampleHeader);
    expect(recorder.elapsedMs()).toBe(0);
  });

  test('numbers operations without gaps and stamps them with the time since the run began', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time });
    time.advance(1.25);
    expect(recorder.record(STALL)).toMatchObject({ seq: 1, at: 1.25, op: 'stall' });
    time.advance(10);
    expect(recorder.record(STALL)).toMatchObject({ seq: 2, at: 11.25 });
    await recorder.close();
  });

  test('stamps anew what was recorded elsewhere', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time });
    const foreign: Operation = { ...STALL, seq: 99, at: 1e6 };
    expect(recorder.record(foreign)).toMatchObject({ seq: 1, at: 0 });
    await recorder.close();
  });

  test('tells every listener of every operation, in order, until it no longer wants to know', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time });
    const seen: Operation[] = [];
    const forget = recorder.onOperation((operation) => seen.push(operation));
    recorder.record(STALL);
    recorder.record({ ...STALL, durationMs: 4 });
    forget();
    recorder.record(STALL);
    await recorder.close();
    expect(seen.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('what was recorded is read back as it was', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time });
    const recorded = [
      recorder.record(STALL),
      recorder.record({ op: 'enqueue', type: 'invoke', process: 'producer-1', job: 'p-1 ✓\n"' }),
    ];
    await recorder.close();
    const history = await readHistory(path);
    expect(history.header).toEqual(exampleHeader);
    expect(await collect(history.operations)).toEqual(recorded);
    expect(history.torn).toBe(false);
  });

  test('a recorder that dies leaves what it recorded a moment ago, in whole lines', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time, timers: time });
    recorder.record(STALL);
    time.advance(20);
    await recorder.flush();
    // No close: this is what a killed process leaves.
    const history = await readHistory(path);
    expect(await collect(history.operations)).toHaveLength(1);
    expect(history.torn).toBe(false);
    await recorder.close();
  });

  test('keeps the order of thousands of operations across many writes', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time });
    for (let n = 0; n < 5000; n++) recorder.record({ ...STALL, durationMs: n });
    await recorder.close();
    const history = await readHistory(path);
    const durations = (await collect(history.operations)).map((operation) =>
      operation.op === 'stall' ? operation.durationMs : undefined,
    );
    expect(durations).toEqual(Array.from({ length: 5000 }, (_, n) => n));
  });

  test('never writes over a history that is there', () => {
    writeFileSync(path, 'precious');
    expect(() => createRecorder({ path, header: exampleHeader })).toThrow(HistoryUnwritable);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('says what to look at when the file cannot be made', () => {
    const nowhere = join(directory, 'missing', 'history.ndjson');
    expect(() => createRecorder({ path: nowhere, header: exampleHeader })).toThrow(/permissions/);
  });

  test('a disk that fills up is an error of the next operation and of close, not silence', () => {
    // A limit on the file's size stands for a full disk: the same failing write.
    const program = `
      import { createRecorder } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      const header = ${JSON.stringify(exampleHeader)};
      const recorder = createRecorder({ path: ${JSON.stringify(path)}, header });
      const stall = { op: 'stall', type: 'info', process: 'lab', durationMs: 1 };
      for (let n = 0; n < 100; n++) recorder.record(stall);
      const codes = [await recorder.flush().catch((error) => error.code)];
      try { recorder.record(stall); } catch (error) { codes.push(error.code); }
      codes.push(await recorder.close().catch((error) => error.code));
      process.stdout.write(codes.join(' '));`;
    const script = 'ulimit -f 2; exec "$0" --input-type=module -e "$1"';
    const said = execFileSync('sh', ['-c', script, process.execPath, program], {
      encoding: 'utf8',
    });
    expect(said).toBe('HISTORY_UNWRITABLE HISTORY_UNWRITABLE HISTORY_UNWRITABLE');
  });

  test('nothing can be recorded after it was closed', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time });
    await recorder.close();
    await recorder.close();
    expect(() => recorder.record(STALL)).toThrow(InvariantViolation);
  });

  test('leaves no timer behind when it is closed', async () => {
    const recorder = createRecorder({ path, header: exampleHeader, clock: time, timers: time });
    recorder.record(STALL);
    await recorder.close();
    expect(time.pending).toBe(0);
  });
});
