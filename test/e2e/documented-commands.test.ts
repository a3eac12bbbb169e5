import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runResultSchema } from 'understudy';
import { RULES } from '../docs/coverage-rules.ts';
import { coverageOf, isRunHere, type RunHere } from '../docs/coverage.ts';
import {
  type DocumentedCommand,
  documentedCommands,
  placeOf,
  statedStatus,
} from '../docs/documented-commands.ts';
import { readTree } from '../tidy/tree.ts';
import { aPlace, type Ended, type Place } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INPUT_LINES = 600;
const INCONCLUSIVE = 98;
/**
 * What makes a run inconclusive where the machine was busy with other work: the lab stood still, or was
 * so late that a run made shorter was over before its faults were due, or ended too late to be read.
 */
const OF_A_BUSY_MACHINE = ['lab-stalled', 'refused', 'no-work', 'no-end'];

/** The package of somebody who reads the documents; its worker is one that holds. */
const PACKAGE = {
  name: 'shop',
  private: true,
  type: 'module',
  scripts: { worker: 'node examples/plain-bullmq/safe-worker.ts' },
};

interface Case extends RunHere {
  readonly title: string;
  /** The words after `npx understudy`, with those that make it shorter. */
  readonly words: readonly string[];
  readonly status: number;
}

const cases = documentedCommands(readTree(ROOT)).flatMap((command): Case[] => {
  const coverage = coverageOf(command, RULES);
  return isRunHere(coverage) ? [caseOf(command, coverage)] : [];
});
/** What is written in several places is run once. */
const different = new Map(cases.map((each) => [JSON.stringify(each.words), each]));

function caseOf(command: DocumentedCommand, run: RunHere): Case {
  const [npx, program, ...words] = command.words;
  if (npx !== 'npx' || program !== 'understudy') {
    throw new TypeError(`${placeOf(command)}: the test runs commands of npx understudy alone`);
  }
  return {
    ...run,
    title: placeOf(command),
    words: shortened(words, run.shorter),
    status: statedStatus(command),
  };
}

/** Options in place of those that are written, at the end. */
function shortened(words: readonly string[], options: RunHere['shorter'] = []): string[] {
  const replaced = new Set(options.filter((word) => word.startsWith('--')));
  const kept = words.filter((word, i) => !replaced.has(word) && !replaced.has(words[i - 1] ?? ''));
  return [...kept, ...options];
}

let earlier: { readonly place: Place; readonly id: string };
beforeAll(async () => {
  const place = await aPackage();
  const words = ['run', 'calm', '--mode', 'active-passive', '--jobs', '100'];
  await expectStatus(place, await typed(place, words), 0);
  const [id = ''] = await readdir(place.runs);
  earlier = { place, id };
});
afterAll(() => earlier?.place[Symbol.asyncDispose]());

describe('what the documents say can be typed, and ends as they say', () => {
  test.each([...different.values()])('$title', async ({ where, words, status, leaves = [] }) => {
    if (where === 'package with a run') {
      await expectStatus(earlier.place, await typed(earlier.place, words, earlier.id), status);
      return;
    }
    await using place = await aPackage();
    if (where === 'package with a start') {
      await expectStatus(place, await typed(place, ['init']), 0);
    }
    await expectStatus(place, await typed(place, words), status);
    for (const path of leaves) {
      expect(await readFile(join(place.root, path), 'utf8'), path).not.toBe('');
    }
  });
});

function typed(place: Place, words: readonly string[], id = ''): Promise<Ended> {
  return place.understudy(
    words.map((word) => word.replace('<id>', id)),
    environment(),
  );
}

/** A lab that was starved by other work of the machine may doubt what it saw; it must not refute. */
async function expectStatus(place: Place, ended: Ended, expected: number): Promise<void> {
  const { status, stdout, stderr } = ended;
  if (status === INCONCLUSIVE && (await machineWasBusy(place))) return;
  expect(status, `${stdout}\n${stderr}`).toBe(expected);
}

async function machineWasBusy({ runs }: Place): Promise<boolean> {
  const paths = (await readdir(runs)).map((run) => join(runs, run, 'result.json'));
  const texts = await Promise.all(
    paths.filter((path) => existsSync(path)).map((path) => readFile(path, 'utf8')),
  );
  const doubts = texts
    .flatMap((text) => runResultSchema.parse(JSON.parse(text)).checkers)
    .filter(({ verdict }) => verdict === 'inconclusive')
    .flatMap(({ totals }) => Object.keys(totals));
  return doubts.length > 0 && doubts.every((kind) => OF_A_BUSY_MACHINE.includes(kind));
}

/** A package with what the documents take for granted: packages, an input, examples, a worker. */
async function aPackage(): Promise<Place> {
  const place = await aPlace();
  const { root } = place;
  await writeFile(join(root, 'package.json'), JSON.stringify(PACKAGE));
  for (const name of ['node_modules', 'examples'])
    await symlink(join(ROOT, name), join(root, name));
  const payments = await readFile(join(ROOT, 'examples', 'payments.ndjson'), 'utf8');
  const lines = payments.split('\n').slice(0, INPUT_LINES);
  await writeFile(join(root, 'my-payments.ndjson'), `${lines.join('\n')}\n`);
  return place;
}

/** `node`, which workers are started with, is the one that runs this. */
function environment(): Record<string, string> {
  return { PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` };
}
