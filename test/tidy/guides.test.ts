import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seededPrng } from '@understudy/runtime';
import {
  type Experiment,
  experiments,
  faultNames,
  findExperiment,
  findFault,
  parseDuration,
  runResultSchema,
} from 'understudy';
import { describe, expect, test } from 'vitest';
import { sectionOf, tablesIn, wordsIn } from './markdown.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

const PLACES = { node: 'On a node', link: 'On a link', redis: 'On a Redis server' } as const;
const ALL_MODES = ['active-passive', 'active-active', 'uncoordinated'] as const;

type Fault = NonNullable<ReturnType<typeof findFault>>;

/** Every fault: a name may stand for one on nodes and for another on Redis servers. */
const faults = faultNames.flatMap((name) =>
  ['leader', 'data'].flatMap((target): Fault | Fault[] => findFault(name, target) ?? []),
);

const guide = read('docs/faults.md');

/** What stands for a parameter on a page and in a schema: its default, `required`, `no default`. */
type Parameters = Record<string, string | number | boolean>;

/** `for` (3s), `spin` (false) → { for: 3000, spin: false }; what is no default is told in words. */
function parametersWritten(cell: string): Parameters {
  const written = [...cell.matchAll(/`(\w+)` \(([^)]+)\)/g)];
  expect(written.length, `a default in brackets after each name: ${cell}`).toBe(
    wordsIn(cell).length,
  );
  return Object.fromEntries(written.map(([, name = '', text = '']) => [name, valueOf(text)]));
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d+(\.\d+)?(ms|s|m)?$/.test(text)) return parseDuration(/\D$/.test(text) ? text : +text);
  // Of several words: a sentence on what happens without it.
  return text.includes(' ') || text === 'any' ? 'no default' : text;
}

/** The same from the schema. Durations become milliseconds, as on the page. */
function parametersOf({ parameters }: Fault): Parameters {
  const { properties = {}, required = [] } = parameters.toJSONSchema({ io: 'input' });
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const { default: given } = schema as { default?: string | number | boolean };
      const text = typeof given === 'string' ? valueOf(given) : (given ?? 'no default');
      return [name, required.includes(name) ? 'required' : text];
    }),
  );
}

const byName = <V>(pairs: readonly (readonly [string, V])[]): Record<string, V> =>
  Object.fromEntries(pairs);

describe('docs/faults.md', () => {
  test.each(Object.entries(PLACES))(
    'has each fault on a %s, its parameters and their defaults',
    (place, heading) => {
      const [what] = tablesIn(sectionOf(guide, heading));
      const onPage = (what ?? []).map(
        ([name = '', , parameters = '']) =>
          [wordsIn(name).join(), parametersWritten(parameters)] as const,
      );
      const inCode = faults
        .filter((fault) => fault.place === place)
        .map((fault) => [fault.name, parametersOf(fault)] as const);
      expect(onPage).toHaveLength(inCode.length);
      expect(byName(onPage)).toStrictEqual(byName(inCode));
    },
  );

  test.each(Object.entries(PLACES))(
    'says of each fault on a %s when it has landed and what heals it',
    (place, heading) => {
      const [, landed] = tablesIn(sectionOf(guide, heading));
      const names = (landed ?? []).flatMap(([name = '']) => wordsIn(name));
      const inCode = faults.filter((fault) => fault.place === place).map(({ name }) => name);
      expect(names.toSorted()).toEqual(inCode.toSorted());
    },
  );

  test('has each experiment once, with the modes it makes sense in, and no other', () => {
    const rows = tablesIn(sectionOf(guide, 'Experiments')).flat();
    const onPage = rows.flatMap(([names = '', modes]) =>
      wordsIn(names).map((name) => [name, modes] as const),
    );
    const inCode = experiments.map(({ name, modes }) => [
      name,
      modes === undefined ? 'all' : `${modes.join(', ')} only`,
    ]);
    expect(onPage).toHaveLength(inCode.length);
    expect(byName(onPage)).toEqual(Object.fromEntries(inCode));
  });

  test('says which faults each experiment injects', () => {
    const rows = tablesIn(sectionOf(guide, 'Experiments')).flat();
    for (const [names = '', , cell = ''] of rows) {
      const written = cell === 'every one' ? faultNames : wordsIn(cell);
      for (const name of wordsIn(names)) {
        const experiment = findExperiment(name);
        const injected = experiment ? injectedBy(experiment) : [];
        expect({ name, faults: [...written].sort() }).toEqual({ name, faults: injected });
      }
    }
  });

  test('says which experiments must be refuted', () => {
    const rows = tablesIn(sectionOf(guide, 'Experiments')).flat();
    const onPage = rows.flatMap(([names = '']) =>
      names.includes('must be refuted') ? wordsIn(names) : [],
    );
    const inCode = experiments.filter(({ mustRefute }) => mustRefute !== undefined);
    expect(onPage).toEqual(inCode.map(({ name }) => name));
  });
});

/** Every fault of an experiment, in whatever mode, over enough jobs that drawn ones all come. */
function injectedBy({ modes = ALL_MODES, schedule }: Experiment): string[] {
  const steps = modes.flatMap((mode) =>
    Array.from({ length: 20 }, (_, seed) =>
      schedule({
        ...{ mode, nodes: 3, ttlMs: 2000, jobs: 5000, lastJob: 'p-5000', rate: 10 },
        prng: seededPrng(seed),
      }),
    ).flat(),
  );
  return [...new Set(steps.map(({ fault }) => fault))].sort();
}

describe('what guides tell one to type exists', () => {
  const GUIDES = ['faults', 'verdicts', 'guarantees', 'production'];
  const typed = GUIDES.flatMap((name) => read(`docs/${name}.md`).match(/understudy \w+.*/g) ?? []);

  test('there are commands to look at', () => {
    expect(typed.length).toBeGreaterThan(GUIDES.length);
  });

  test('experiments', () => {
    const named = typed.flatMap((line) => /^understudy run ([a-z][\w/-]*)/.exec(line)?.[1] ?? []);
    expect(named).not.toEqual([]);
    // One of several parts may be asked for as a whole: crash-points.
    const there = experiments.flatMap(({ name }) => [name, name.split('/')[0]]);
    for (const name of named) expect(there, `understudy run ${name}`).toContain(name);
  });

  test('faults by hand', () => {
    const named = typed.flatMap((line) => {
      const [, fault, target] = /^understudy fault ([\w-]+) ([\w-]+)/.exec(line) ?? [];
      return fault === undefined || target === undefined ? [] : [{ fault, target }];
    });
    expect(named).not.toEqual([]);
    for (const { fault, target } of named) {
      expect(findFault(fault, target), `understudy fault ${fault} ${target}`).toBeDefined();
    }
  });
});

test('docs/verdicts.md has every checker, in the order of reports', () => {
  const tables = tablesIn(sectionOf(read('docs/verdicts.md'), 'The checkers'));
  expect(tables).toHaveLength(2);
  for (const table of tables) {
    expect(table.flatMap(([name = '']) => wordsIn(name))).toEqual(
      runResultSchema.shape.checkers.unwrap().element.shape.checker.options,
    );
  }
});

test('docs/production.md has every variable that a node reads', () => {
  const settings = read('packages/worker/src/settings.ts');
  const variables = [...settings.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? '');
  expect(variables).toContain('UNDERSTUDY_TTL_MS');
  const rows = tablesIn(sectionOf(read('docs/production.md'), 'Settings')).flat();
  const onPage = rows.flatMap(([names = '']) => wordsIn(names));
  expect(variables.filter((name) => !onPage.includes(name))).toEqual([]);
});
