import { describe, expect, test } from 'vitest';
import { helpText, readArguments } from './arguments.ts';
import { FULL, isShort, type Options } from './options.ts';

const ROWS = ['takeover-kill', 'takeover-pause', 'throughput-stream', 'takeovers', 'storm'].map(
  (name) => ({ name, byDefault: name !== 'storm', what: `what ${name} is` }),
);

function ask(...args: string[]) {
  const read = readArguments(args, ROWS);
  return 'request' in read ? read.request : read;
}

describe('which rows are measured', () => {
  test('without a name those of the table, and none that must be named', () => {
    expect(ask()).toMatchObject({
      rows: ['takeover-kill', 'takeover-pause', 'throughput-stream', 'takeovers'],
      options: FULL,
    });
  });

  test('a name stands for all that begin with it and a dash, in the order of the table', () => {
    expect(ask('throughput', 'takeover')).toMatchObject({
      rows: ['takeover-kill', 'takeover-pause', 'throughput-stream'],
    });
  });

  test('a row that is only measured by name is, once it is named', () => {
    expect(ask('storm')).toMatchObject({ rows: ['storm'] });
  });

  test('a name that stands for nothing is refused, also beside one that does', () => {
    expect(ask('takeover', 'takeove')).toEqual({ wrong: 'there is no row takeove' });
  });
});

describe('how much is measured', () => {
  test('options change one thing each', () => {
    expect(ask('--kills', '30')).toMatchObject({ options: { ...FULL, kills: 30 } });
    expect(ask('--minutes', '0.5')).toMatchObject({ options: { ...FULL, minutes: 0.5 } });
  });

  test('with --quick one may still say how much of something', () => {
    expect(ask('--quick', '--rounds', '2')).toMatchObject({
      options: { quick: true, rounds: 2 },
    });
  });

  test.each(['0', '-1', 'many', '1.5', ''])('--kills %j is refused', (kills) => {
    expect(ask(`--kills=${kills}`)).toEqual({
      wrong: `--kills ${kills} is not a number above 0`,
    });
  });

  test('an option that is not there is refused', () => {
    expect(ask('--fast')).toMatchObject({ wrong: expect.stringContaining('--fast') });
  });

  test.each<[string, Partial<Options>, boolean]>([
    ['the full measurement', {}, false],
    ['more than it', { kills: 1000, rounds: 9 }, false],
    ['fewer kills', { kills: 299 }, true],
    ['fewer rounds', { rounds: 1 }, true],
    ['less time', { minutes: 9 }, true],
    ['a quick one, however much it measures', { quick: true, kills: 1000 }, true],
  ])('%s counts, or is short', (_, given, short) => {
    expect(isShort({ ...FULL, ...given })).toBe(short);
  });
});

test('--help is answered before anything else is looked at, and names every row', () => {
  expect(ask('nonsense', '--help')).toEqual({ help: true });
  for (const { name, what } of ROWS) expect(helpText(ROWS)).toMatch(new RegExp(`${name} +${what}`));
});
