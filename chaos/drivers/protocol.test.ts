import { expect, test } from 'vitest';
import { faultOfLine, parseProtocolLine } from './protocol.ts';

test('a line with the prefix and an event of the contract is an event', () => {
  expect(parseProtocolLine('@understudy {"event":"ready"}')).toEqual({ event: 'ready' });
  expect(
    parseProtocolLine('@understudy {"event":"state","state":"active","epoch":4,"term":"t"}'),
  ).toEqual({ event: 'state', state: 'active', epoch: 4, term: 't' });
  expect(parseProtocolLine('@understudy {"event":"attempt","job":"p-17","n":2}')).toEqual({
    event: 'attempt',
    job: 'p-17',
    n: 2,
  });
});

test('other lines, broken ones and unknown events are no events and end nothing', () => {
  for (const line of [
    '',
    'listening on 3000',
    ' @understudy {"event":"ready"}',
    '@understudy {"event":"ready"',
    '@understudy null',
    '@understudy {"event":"state","state":"confused"}',
    '@understudy {"event":"attempt","job":"p-1","n":0}',
    '@understudy {"event":"failpoint","name":"before-commit","n":0}',
  ]) {
    expect(parseProtocolLine(line)).toBeUndefined();
  }
});

test('a node says at which failpoint it stands, and for which job where there is one', () => {
  const told = { event: 'failpoint', name: 'before-commit', n: 3, job: 'p-17' };
  expect(parseProtocolLine(`@understudy ${JSON.stringify(told)}`)).toEqual(told);
  expect(parseProtocolLine('@understudy {"event":"failpoint","name":"after-lease","n":1}')).toEqual(
    {
      event: 'failpoint',
      name: 'after-lease',
      n: 1,
    },
  );
});

test('what is wrong with a broken line is told, and nothing of other lines', () => {
  expect(faultOfLine('@understudy {"event":"ready"')).toMatch(/not JSON/);
  expect(faultOfLine('@understudy {"event":"attempt","job":"p-1","n":0}')).toMatch(/^n: /);
  expect(faultOfLine('@understudy {"event":"redy"}')).toMatch(/^event: /);
  expect(faultOfLine('@understudy {"event":"ready"}')).toBeUndefined();
  expect(faultOfLine('listening on 3000')).toBeUndefined();
});
