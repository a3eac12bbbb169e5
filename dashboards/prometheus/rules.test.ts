import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { PROMETHEUS_FOLDER } from '../places.ts';
import { describeWithPromtool, promtool, Scratch } from './promtool.test-support.ts';
import { alertsOf, readRules } from './rules.ts';

const TESTS = join(PROMETHEUS_FOLDER, 'rules-tests');
const ALERTS = alertsOf(readRules());
// promtool evaluates minutes of rules, second by second, beside whatever else the machine does.
const PATIENT = { timeout: 60_000 };

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

describeWithPromtool('promtool', () => {
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

  test.each(readdirSync(TESTS))('finds the rules to do what %s says', PATIENT, async (file) => {
    const { ok, said } = await promtool('test', 'rules', join(TESTS, file));
    expect(said).toMatch(/SUCCESS\s*$/);
    expect(ok).toBe(true);
  });

  test.each(ALERTS)('finds it where $alert fires never, or always', PATIENT, async (alert) => {
    using scratch = new Scratch();
    cpSync(PROMETHEUS_FOLDER, scratch.root, { recursive: true });
    for (const expr of ['vector(1) > 1', 'vector(1)']) {
      const groups = [{ name: 'understudy-alerts', rules: [{ ...alert, expr }] }];
      writeFileSync(scratch.path('rules', 'alerts.yml'), stringify({ groups }));
      const tests = scratch.path('rules-tests', fileOf(alert.alert));
      const { ok, said } = await promtool('test', 'rules', tests);
      expect(said).toContain(`alertname="${alert.alert}"`);
      expect(said).toContain('FAILED');
      expect(ok).toBe(false);
    }
  });
});

/** The file of tests of an alert: `UnderstudyNodeDown` has `node-down.yml`. */
function fileOf(alert: string): string {
  const words = alert.replace('Understudy', '').match(/[A-Z][a-z]+/g) ?? [];
  return `${words.join('-').toLowerCase()}.yml`;
}
