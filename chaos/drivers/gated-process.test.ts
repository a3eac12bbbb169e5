import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { RunDirectoryUnusable } from '../errors.ts';
import { type GatedOptions, startGated } from './gated-process.ts';
import { startTimeOf } from './process-table.ts';
import type { UndoEntry } from './undo-journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'understudy-gate-'));
afterAll(() => rmSync(directory, { recursive: true }));

const marker = join(directory, 'it-ran');

function options(note: (entry: UndoEntry) => void): GatedOptions {
  return {
    what: 'somebody',
    command: ['/bin/sh', '-c', `touch ${marker}; read -r line && echo "$line"`],
    logPath: join(directory, 'log'),
    output: 'read',
    input: 'orders',
    journal: { note },
    failure: (why) => new TypeError(why),
  };
}

test('what waits at the gate is ended there and then when its undo entry cannot be written', async () => {
  let noted: UndoEntry | undefined;
  const full = (entry: UndoEntry): void => {
    noted = entry;
    throw new RunDirectoryUnusable('the disk is full');
  };
  expect(() => startGated(options(full))).toThrow(RunDirectoryUnusable);
  const pid = noted?.kind === 'process' ? noted.pid : 0;
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => startTimeOf(pid)).toBeUndefined();
  expect(existsSync(marker)).toBe(false);
});

test('a process runs once its entry is noted, and takes orders after that', async () => {
  const noted: UndoEntry[] = [];
  const { child, pid, startTime, exited } = startGated(
    options((entry) => {
      expect(existsSync(marker)).toBe(false);
      noted.push(entry);
    }),
  );
  expect(noted).toEqual([
    { kind: 'process', what: 'somebody', pid, startTime, undo: 'SIGKILL to the group' },
  ]);
  let said = '';
  child.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin?.end('hello\n');
  expect(await exited).toEqual({ code: 0, signal: null });
  await closed;
  expect(said).toBe('hello\n');
});
