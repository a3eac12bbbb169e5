import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPrometheusProgram } from './find-prometheus-program.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-find-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function file(text: string, ...parts: string[]): string {
  const path = join(root, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

test('PROMTOOL wins over PATH, and PATH over what setup unpacked', () => {
  const unpacked = file('', '.understudy', 'bin', 'promtool');
  expect(findPrometheusProgram('promtool', root, {})).toEqual({ path: unpacked });
  const installed = file('', 'bin', 'promtool');
  const PATH = join(root, 'bin');
  expect(findPrometheusProgram('promtool', root, { PATH })).toEqual({ path: installed });
  const named = { PATH, PROMTOOL: '/elsewhere/promtool', PROMETHEUS: '/elsewhere/prometheus' };
  expect(findPrometheusProgram('promtool', root, named)).toEqual({ path: named.PROMTOOL });
  expect(findPrometheusProgram('prometheus', root, named)).toEqual({ path: named.PROMETHEUS });
});

test('where there is none, the reason that setup noted is passed on', () => {
  file('{"prometheusMissing":"not a Debian machine"}', '.understudy', 'setup.json');
  expect(findPrometheusProgram('prometheus', root, {})).toEqual({
    missing: 'not a Debian machine',
  });
});

test('where setup was not asked, it is said how to ask', () => {
  file('{}', '.understudy', 'setup.json');
  const found = findPrometheusProgram('prometheus', root, {});
  expect(found).toEqual({ missing: expect.stringContaining('--with prometheus') });
});

test('where nothing was set up, nobody is sent to a script that may not be there', () => {
  const found = findPrometheusProgram('prometheus', root, {});
  expect(found).toEqual({ missing: expect.not.stringContaining('setup.mjs') });
});
