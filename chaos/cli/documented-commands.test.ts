import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { documentedCommands, placeOf, textOf } from '../../test/docs/documented-commands.ts';
import { readTree, type Tree } from '../../test/tidy/tree.ts';
import { isExperimentFile } from '../experiments/experiment-file.ts';
import { experimentsNamed } from '../experiments/index.ts';
import { findFault } from '../faults/index.ts';
import { planStarter } from '../init/plan.ts';
import { readTemplates } from '../init/write.ts';
import type { Commands } from './commands.ts';
import { faultParameters } from './fault-parameters.ts';
import type { FaultFlags } from './fault-command.ts';
import { buildProgram } from './program.ts';
import type { RunFlags } from './run-flags.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files that a reader brings along. */
const READERS_OWN: Readonly<Record<string, string>> = {
  'my-payments.ndjson': 'an input of one’s own',
  'worker.py': 'a worker of one’s own, as examples/python-worker has one',
};
/** What `understudy init` writes into a package of the reader's. */
const STARTED = planStarter('{"type":"module"}', readTemplates(), '1.2.3').files.map(
  ({ path }) => path,
);
/** Commands of other programs. */
const OTHERS: readonly (readonly [commands: RegExp, why: string])[] = [
  [/^npm install --save-dev \.\.\/tarballs\/\*\.tgz$/, 'installs what `npm run pack` makes'],
  [/^export DATABASE_URL=/, 'tells an example where its database is'],
  [/^npx vitest run --project fleet examples\/own-worker$/, 'runs a test of this repository'],
];

/** A command of `understudy` that was parsed: what would have been called, and with what. */
type Call = { [K in keyof Commands]: readonly [K, ...Parameters<Commands[K]>] }[keyof Commands];

/** Parses words by the real program; throws what that throws. */
async function parsed(words: readonly string[]): Promise<Call> {
  const calls: Call[] = [];
  const commands = new Proxy({} as Commands, {
    get:
      (_, name) =>
      (...given: unknown[]): Promise<number> => {
        calls.push([name, ...given] as unknown as Call);
        return Promise.resolve(0);
      },
  });
  const program = buildProgram(commands, '1.2.3', () => undefined);
  const silent = { writeOut: () => undefined, writeErr: () => undefined };
  for (const each of [program, ...program.commands]) {
    each.exitOverride().configureOutput(silent);
  }
  await program.parseAsync([...words], { from: 'user' });
  const [call] = calls;
  if (call === undefined) throw new TypeError('it does nothing');
  return call;
}

/** What is wrong with a command of `understudy`. */
async function mistakesIn(
  words: readonly string[],
  isThere: (path: string) => boolean,
): Promise<string[]> {
  try {
    const call = await parsed(words);
    if (call[0] === 'run') return mistakesInRun(call[1], call[2], isThere);
    if (call[0] === 'fault') return mistakesInFault(call[1], call[2], call[3]);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

function mistakesInRun(
  experiments: readonly string[],
  { input, config, worker = '' }: RunFlags,
  isThere: (path: string) => boolean,
): string[] {
  const named = experiments.filter((word) => !isExperimentFile(word));
  const files = [
    ...experiments.filter(isExperimentFile),
    ...[input, config].filter((path) => path !== undefined),
    ...worker.split(' ').filter((word) => /\.\w+$/.test(word)),
  ];
  return [
    ...named
      .filter((name) => experimentsNamed(name).length === 0)
      .map((name) => `experiment ${name}`),
    ...files.filter((path) => !isThere(path)),
  ].map((what) => `there is no ${what}`);
}

function mistakesInFault(name: string, target: string, flags: FaultFlags): string[] {
  const fault = findFault(name, target);
  if (fault === undefined) return [`there is no fault ${name} of ${target}`];
  const { error } = fault.parameters.safeParse(faultParameters(flags));
  return error === undefined ? [] : [error.message];
}

/** Whether a file is in the repository, beside the document, written by init, or the reader's own. */
function isIn(tree: Tree, document: string): (path: string) => boolean {
  return (path) => {
    const plain = posix.normalize(path);
    const known = tree.has(plain) || tree.has(posix.join(posix.dirname(document), plain));
    return known || STARTED.includes(plain) || plain in READERS_OWN;
  };
}

/** What is wrong with the commands of a tree: a line each. */
async function findings(tree: Tree): Promise<string[]> {
  const { scripts = {} } = JSON.parse(tree.get('package.json') ?? '{}') as { scripts?: object };
  const found = documentedCommands(tree).map(async (command) => {
    const [program, ...words] = command.words[0] === 'npx' ? command.words.slice(1) : command.words;
    const mistakes =
      program === 'understudy'
        ? await mistakesIn(words, isIn(tree, command.file))
        : mistakesOfOthers(textOf(command), scripts);
    return mistakes.map((mistake) => `${placeOf(command)}: ${mistake}`);
  });
  return (await Promise.all(found)).flat();
}

function mistakesOfOthers(text: string, scripts: object): string[] {
  const [, ran, short] = /^npm (?:run (\S+)|(start|test)\b)/.exec(text) ?? [];
  const script = ran ?? short;
  if (script !== undefined) {
    return script in scripts ? [] : [`package.json has no script ${script}`];
  }
  return OTHERS.some(([commands]) => commands.test(text))
    ? []
    : ['is no command of ours: give the reason for it in this test'];
}

test('every command in the documents can be typed, and what it names is there', async () => {
  expect(await findings(readTree(root))).toEqual([]);
});

const PACKAGE = '{"scripts":{"start":"x"}}';

test.each([
  ['npx understudy fly', /unknown command 'fly'/],
  ['npx understudy run calm --nodse 3', /unknown option '--nodse'/],
  ['npx understudy run calm --nodes none', /whole number/],
  ['npx understudy run kill-leeder', /there is no experiment kill-leeder/],
  ['npx understudy run calm --sabotage no-brakes', /Unknown saboteur "no-brakes"/],
  ['npx understudy run calm --input payments.ndjson', /there is no payments\.ndjson/],
  ['npx understudy run ./mine.ts', /there is no \.\/mine\.ts/],
  ['npx understudy run calm --worker "node own.mjs"', /there is no own\.mjs/],
  ['npx understudy run calm --config docs/a.ts', /there is no docs\/a\.ts/],
  ['npx understudy fault tickle leader', /there is no fault tickle/],
  ['npx understudy fault latency leader --set dellay=80ms', /dellay/],
  ['npx understudy check', /missing required argument/],
  ['npm run fly', /package\.json has no script fly/],
  ['npm test', /package\.json has no script test/],
  ['redis-cli ping', /no command of ours/],
])('%s is found, with its place', async (line, mistake) => {
  const document = `# A\n\n\`\`\`sh\nnpx understudy list\n${line}\n\`\`\``;
  const [found, ...more] = await findings(
    new Map([
      ['docs/a.md', document],
      ['package.json', PACKAGE],
    ]),
  );
  expect(found).toMatch(/^docs\/a\.md:5: /);
  expect(found).toMatch(mistake);
  expect(more).toEqual([]);
});
