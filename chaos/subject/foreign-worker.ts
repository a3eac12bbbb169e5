import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { InvalidSettings } from '../errors.ts';

/** In which form a foreign worker is handed its jobs. */
export const CONTRACTS = ['bullmq', 'stream'] as const;

/** In which form a foreign worker is handed its jobs. */
export type Contract = (typeof CONTRACTS)[number];

/** A worker of one's own that is put on stage: a command in any language. */
export interface ForeignWorker {
  /**
   * A line for `/bin/sh`, such as `npm run worker`; or an executable and its arguments, which no
   * shell interprets. Whatever it starts in its process group is the node.
   */
  readonly command: string | readonly string[];
  /** Where its jobs are: a queue of BullMQ, or a stream. Default `bullmq`. */
  readonly contract?: Contract;
  /** The directory it is started in, absolute. Default: where the lab was started. */
  readonly cwd?: string;
  /** More environment. Names are kept in `schedule.json`, values nowhere. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it finds in `UNDERSTUDY_QUEUE`. Default `payments`. */
  readonly queue?: string;
  /** What it finds in `UNDERSTUDY_PREFIX`. Default: one that only this run has. */
  readonly prefix?: string;
}

/** What the lab itself sets for every node. */
const RESERVED = /^(REDIS_URL|LOCK_REDIS_URLS|METRICS_PORT|UNDERSTUDY_\w+)$/;

const text = z.string().min(1, 'expected some text');

/** A command: a line for a shell, or an executable and its arguments. */
export const commandSchema = z.union(
  [text.regex(/\S/, 'expected a command'), z.array(z.string()).min(1).readonly()],
  'expected a command line such as "npm run worker", or an array of the executable and its arguments',
);

/** Variables by name; those of the lab's own are refused. */
export const environmentSchema = z.record(
  z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'is no name of a variable')
    .refine((name) => !RESERVED.test(name), 'is set by the lab itself'),
  z.string('expected text: a number or a boolean must be written as one'),
);

/** An absolute path of a directory. */
export const directorySchema = text.refine(isAbsolute, 'expected an absolute path');

const LONGEST_NAME = 200;
/** BullMQ separates the parts of its keys by colons. */
const queue = text.max(LONGEST_NAME).regex(/^[^:\s]+$/, 'must hold neither colons nor blanks');
const prefix = text.max(LONGEST_NAME).regex(/^\S+$/, 'must hold no blanks');

const form = z.strictObject({
  command: commandSchema,
  contract: z.enum(CONTRACTS).optional(),
  cwd: directorySchema.optional(),
  env: environmentSchema.optional(),
  queue: queue.optional(),
  prefix: prefix.optional(),
});

/**
 * Checks what was said of a foreign worker.
 * @throws {InvalidSettings} naming every mistake
 */
export function checkForeignWorker(worker: ForeignWorker): ForeignWorker {
  const checked = form.safeParse(worker);
  if (checked.success) return worker;
  throw new InvalidSettings(
    `the worker cannot be put on stage:\n${mistakesIn(checked.error).join('\n')}`,
  );
}

/** Every mistake that was found, each with its place, as lines. */
export function mistakesIn({ issues }: z.ZodError): string[] {
  return issues.map((issue) => {
    const place = issue.path.map(String).join('.');
    const keys =
      issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : '';
    return `  ${place === '' ? '' : `${place}: `}${keys || issue.message}`;
  });
}

/** The words that start a command: a line goes to a shell, as people know it from package.json. */
export function wordsOf(command: ForeignWorker['command']): readonly string[] {
  return typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
}
