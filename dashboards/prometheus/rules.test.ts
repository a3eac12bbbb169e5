import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { PROMETHEUS_FOLDER } from '../places.ts';
import { PROMTOOL, promtool, Scratch, withPromtool } from './promtool.test-support.ts';
import { alertsOf, readRules } from './rules.ts';

const TESTS = join(PROMETHEUS_FOLDER, 'rules-tests');
const ALERTS = alertsOf(readRules());

test('whatever can go wrong with a fleet calls somebody', () => {
  expect(ALERTS.map(({ alert }) => alert.replace('Understudy', ''))).toEqual([
    'NobodyActive',
    'SplitBrain',
    'LeadershipOverlap',
    'SlowTakeover',
    'FlappingLeader',
    'NoStandby',
    'BacklogGrowing',
    'DuplicateEscaped',
    'RedisUnreachable',
    'NodeDown',
  ]);
});

test('every rule has a name of its own', () => {
  const names = readRules().map((rule) => ('alert' in rule ? rule.alert : rule.record));
  expect(new Set(names).size).toBe(names.length);
});

test('each alert has a file of tests', () => {
  expect(readdirSync(TESTS)).toEqual(
    expect.arrayContaining(ALERTS.map(({ alert }) => fileOf(alert))),
  );
});

describe.skipIf('missing' in PROMTOOL)(withPromtool('promtool'), () => {
  test('reads the configuration and the rules that it names', async () => {
    const { ok, said } = await promtool(
      'check',
      'config',
      '--lint-fatal',
      join(PROMETHEUS_FOLDER, 'prometheus.yml'),
    );
    expect(said).toContain('SUCCESS: 2 rule files found');
    expect(ok).toBe(true);
  });

  test.each(readdirSync(TESTS))('finds the rules to do what %s says', async (file) => {
    const { ok, said } = await promtool('test', 'rules', join(TESTS, file));
    expect(said).toMatch(/SUCCESS\s*$/);
    expect(ok).toBe(true);
  });

  test.each([
    ['never', 'vector(1) > 1'],
    ['always', 'vector(1)'],
  ])('finds each alert that fires %s', { timeout: 60_000 }, async (_, expr) => {
    using scratch = new Scratch();
    cpSync(PROMETHEUS_FOLDER, scratch.root, { recursive: true });
    const rules = scratch.path('rules', 'alerts.yml');
    writeFileSync(rules, withExpression(readFileSync(rules, 'utf8'), expr));
    const files = ALERTS.map(({ alert }) => scratch.path('rules-tests', fileOf(alert)));
    const { said } = await promtool('test', 'rules', ...files);
    // Each file of tests is about one alert, and finds fault with it.
    expect(said).not.toContain('SUCCESS');
    expect(said.match(/FAILED/g)).toHaveLength(files.length);
  });
});

/** The file of tests of an alert: `UnderstudyNodeDown` has `node-down.yml`. */
function fileOf(alert: string): string {
  const words = alert.replace('Understudy', '').match(/[A-Z][a-z]+/g) ?? [];
  return `${words.join('-').toLowerCase()}.yml`;
}

/** The text of a file of rules in which every alert has the expression `expr`. */
function withExpression(text: string, expr: string): string {
  const file = parse(text) as { groups: { rules: { expr: string }[] }[] };
  for (const rule of file.groups.flatMap(({ rules }) => rules)) rule.expr = expr;
  return stringify(file);
}
