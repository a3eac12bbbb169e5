import { readdirSync } from 'node:fs';
import { scriptOf } from '@understudy/redis';
import { partScripts } from '@understudy/worker';
import { describe, expect, it } from 'vitest';
import { changedScript } from './changed-script.ts';
import { SABOTEURS, sabotagedParts, type SaboteurName } from './index.ts';
import type { Saboteur } from './saboteur.ts';

const NAMES = Object.keys(SABOTEURS) as SaboteurName[];

describe('a changed script', () => {
  const script = scriptOf('local a = 1\nlocal b = 2\nreturn a');

  it('is the same but for one line, and has a hash of its own', () => {
    const changed = changedScript(script, /^local b/, 'local b = 3');
    expect(changed.text).toBe('local a = 1\nlocal b = 3\nreturn a');
    expect(changed.sha1).not.toBe(script.sha1);
  });

  it.each([
    [/^local c/, 'that is not there'],
    [/^local/, 'that is there twice'],
  ])('is refused for a line %s %s', (line) => {
    expect(() => changedScript(script, line, '')).toThrow(/one line of the script/);
  });
});

it.each(NAMES)('%s replaces a script or a part, and leaves the others as they are', (name) => {
  const { scripts, parts }: Saboteur = SABOTEURS[name];
  const own = sabotagedParts([]);
  const changed = [
    ...differences(partScripts, scripts?.(partScripts) ?? partScripts),
    ...differences(own, parts?.(own) ?? own),
  ];
  expect(changed.length).toBeGreaterThan(0);
  // Where it takes a script and a part, they belong together.
  expect(changed.length).toBeLessThanOrEqual(2);
});

it('each saboteur has a file of its name', () => {
  const files = readdirSync(new URL('.', import.meta.url));
  expect(NAMES.filter((name) => !files.includes(`${name}.ts`))).toEqual([]);
});

it('two that change the same script are both at work', () => {
  const both = [SABOTEURS['no-fencing'], SABOTEURS['check-then-set']] as readonly Saboteur[];
  const { commit } = both.reduce((own, { scripts }) => scripts?.(own) ?? own, partScripts);
  expect(commit.text).toContain('tokenCurrent = true');
  expect(commit.text).toContain('local known = nil');
});

function differences<T extends object>(before: T, after: T): string[] {
  return (Object.keys(before) as (keyof T & string)[]).filter((key) => before[key] !== after[key]);
}
