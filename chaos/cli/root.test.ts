import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repository } from '../repository.ts';
import { rootOf } from './root.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'understudy-root-'));
  mkdirSync(join(project, 'src', 'deep'), { recursive: true });
});
afterEach(() => rmSync(project, { recursive: true }));

test('an installed lab keeps its runs in the project it is called from, not among the packages', () => {
  writeFileSync(join(project, 'package.json'), '{}');
  expect(rootOf(join(project, 'src', 'deep'), undefined)).toBe(project);
});

test('a folder that keeps runs already is used before one that is a package', () => {
  writeFileSync(join(project, 'src', 'package.json'), '{}');
  mkdirSync(join(project, '.understudy'));
  expect(rootOf(join(project, 'src', 'deep'), undefined)).toBe(project);
});

test('a lab of a repository keeps its runs there, wherever it is called', () => {
  expect(rootOf(join(project, 'src'), '/srv/understudy')).toBe('/srv/understudy');
});

test('a lab knows whether it is part of the repository or a package on its own', () => {
  const above = pathToFileURL(`${project}/`);
  expect(repository(above)).toBeUndefined();
  mkdirSync(join(project, 'scripts'));
  writeFileSync(join(project, 'scripts', 'setup.mjs'), '');
  expect(repository(above)).toBe(project);
});
