import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { invariant } from '@understudy/runtime';
import { startChild } from '../children.ts';
import { makeDirectory, removeDirectory } from '../directories.ts';
import { quantile } from '../distribution.ts';
import { writeHistory } from '../made-up-history.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';
import type { JudgingAnswer } from './judging-child.ts';

const MAIN = fileURLToPath(new URL('./judging-child.ts', import.meta.url));
const OPERATIONS = 1_000_000;
const TIMES_MORE = 10;
const LIMIT_SECONDS = 3;
const LIMIT_MB = 400;
/** Memory that grows by less, for ten times as much to judge, is called constant. */
const CONSTANT = 1.1;
const QUICK_DIVISOR = 10;

/** Reading and judging a history, by a process of its own: time and memory. */
export const judging: Measurement = {
  name: 'judging',
  what: 'judging 1,000,000 operations, reading them included; and ten times as many',
  byDefault: true,
  measure,
};

async function measure(context: Context): Promise<Measured> {
  const operations = OPERATIONS / (context.options.quick ? QUICK_DIVISOR : 1);
  const [few, many] = [
    await judged(operations, context.options.rounds, context),
    await judged(operations * TIMES_MORE, 1, context),
  ];
  const seconds = quantile(
    few.map((answer) => answer.seconds),
    0.5,
  );
  const [fewMb, manyMb] = [peakMb(few), peakMb(many)];
  const longer = many.map((answer) => answer.seconds);
  return {
    ours: `${seconds.toFixed(1)} s, ${fewMb.toFixed(0)} MB\n× ${TIMES_MORE}: ${quantile(longer, 0.5).toFixed(1)} s, ${manyMb.toFixed(0)} MB`,
    peers: [],
    n: few.length,
    required: [
      atMost('time', seconds, LIMIT_SECONDS, 's'),
      atMost('peak memory', fewMb, LIMIT_MB, 'MB'),
    ],
    aims: [atMost('memory of ten times as many', manyMb / fewMb, CONSTANT, 'times as much')],
    configuration: { operations, timesMore: TIMES_MORE },
    notes: [
      `${few.map((answer) => `${answer.busySeconds.toFixed(1)} s`).join(', ')} of processor time`,
    ],
    values: {
      seconds: few.map((answer) => answer.seconds),
      'peak MB': few.map(({ maxRssBytes }) => maxRssBytes / 1e6),
      'ten times as many: seconds': longer,
      'ten times as many: peak MB': many.map(({ maxRssBytes }) => maxRssBytes / 1e6),
    },
  };
}

/** Writes a history of so many operations, and has it judged so many times. */
async function judged(
  operations: number,
  times: number,
  { progress }: Context,
): Promise<JudgingAnswer[]> {
  const directory = makeDirectory();
  try {
    const path = join(directory, 'history.ndjson');
    const written = await writeHistory(path, operations);
    progress(`judging: ${written.operations} operations of ${written.jobs} jobs written`);
    const answers: JudgingAnswer[] = [];
    for (let i = 0; i < times; i++) {
      const answer = await judgeElsewhere(path);
      invariant(answer.status === 'pass', `the history is a good one, not ${answer.status}`);
      invariant(answer.accepted === written.jobs, 'every job was counted');
      invariant(answer.takeovers === written.kills, 'every takeover was seen');
      answers.push(answer);
    }
    return answers;
  } finally {
    removeDirectory(directory);
  }
}

async function judgeElsewhere(path: string): Promise<JudgingAnswer> {
  const child = startChild(process.execPath, [MAIN, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  invariant(code === 0, `the judging process exited with ${code}`);
  return JSON.parse(output) as JudgingAnswer;
}

function peakMb(answers: readonly JudgingAnswer[]): number {
  return Math.max(...answers.map(({ maxRssBytes }) => maxRssBytes)) / 1e6;
}
