import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fitPrometheus } from './fit-prometheus.ts';

const directory = mkdtempSync(join(tmpdir(), 'understudy-fit-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A program that says so when it is asked for its version. */
function saying(text: string): { readonly PROMETHEUS: string } {
  const PROMETHEUS = join(directory, 'prometheus');
  writeFileSync(PROMETHEUS, `#!/bin/sh\necho '${text}' >&2\n`, { mode: 0o755 });
  return { PROMETHEUS };
}

test('a Prometheus that is recent enough is taken, whichever output tells its version', () => {
  for (const version of ['2.42.0', '2.53.1', '3.5.0']) {
    const environment = saying(`prometheus, version ${version} (branch: HEAD)`);
    expect(fitPrometheus(directory, environment)).toBe(environment.PROMETHEUS);
  }
});

test('one that is too old is refused with its version and what to do', () => {
  expect(() => fitPrometheus(directory, saying('prometheus, version 2.24.1+ds'))).toThrow(
    /is Prometheus 2\.24, which is too old\. Set PROMETHEUS to one of 2\.42 or newer/,
  );
});

test('what is no Prometheus is refused, and so is what is not there', () => {
  expect(() => fitPrometheus(directory, saying('hello'))).toThrow(/is no Prometheus/);
  expect(() => fitPrometheus(directory, { PROMETHEUS: '/no/such/program' })).toThrow(/ENOENT/);
  expect(() => fitPrometheus(directory, {})).toThrow(/there is no Prometheus to start/);
});
