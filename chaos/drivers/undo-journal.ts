import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { invariant, messageOf } from '@understudy/runtime';
import { z } from 'zod';
import { RunDirectoryUnusable } from '../errors.ts';

const process = z.object({
  kind: z.literal('process'),
  /** `node-2.1`, `redis data`: for people. */
  what: z.string(),
  pid: z.number().int().positive(),
  startTime: z.string(),
  undo: z.string(),
});

const fault = z.object({
  kind: z.literal('fault'),
  id: z.string(),
  what: z.string(),
  pid: z.number().int().positive(),
  startTime: z.string(),
  undo: z.string(),
});

const container = z.object({
  kind: z.literal('container'),
  /** `passive-1`, `redis data`: for people. */
  what: z.string(),
  id: z.string().min(1),
  /** The compose project that it belongs to. */
  project: z.string(),
  /** Where its engine listens. */
  engine: z.string(),
  undo: z.discriminatedUnion('do', [
    z.object({ do: z.literal('start') }),
    z.object({ do: z.literal('unpause') }),
    z.object({
      do: z.literal('connect'),
      network: z.string().min(1),
      networkName: z.string(),
      aliases: z.array(z.string()).readonly(),
      address: z.string().optional(),
    }),
  ]),
  /** Whether that has been done: a later line of the same container and undo. */
  undone: z.boolean(),
});

/** A line of `undo.ndjson`: what must be taken back if the lab dies now. */
export const undoEntrySchema = z.discriminatedUnion('kind', [process, fault, container]);

/** What must be taken back if the lab dies now. */
export type UndoEntry = z.infer<typeof undoEntrySchema>;

/** The name of the journal within the run directory. */
export const UNDO_FILE = 'undo.ndjson';

/** Keeps, on disk, what the lab has done to the machine and must undo. */
export interface UndoJournal {
  /**
   * Returns when the entry is on disk (fsync): only then may the thing be done.
   * @throws {RunDirectoryUnusable}
   */
  note(entry: UndoEntry): void;
  close(): void;
}

/** Opens the journal of the run in `directory`. Throws the system's error where it cannot. */
export function openUndoJournal(directory: string): UndoJournal {
  const file = openSync(join(directory, UNDO_FILE), 'a');
  let open = true;
  return {
    note(entry) {
      // The number of a closed file may be that of another by now.
      invariant(open, 'nothing is done to the machine after the journal was closed');
      try {
        writeSync(file, `${JSON.stringify(entry)}\n`);
        fdatasyncSync(file);
      } catch (error) {
        throw new RunDirectoryUnusable(
          `the undo journal in ${directory} cannot be written: ${messageOf(error)}`,
          { cause: error },
        );
      }
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}
