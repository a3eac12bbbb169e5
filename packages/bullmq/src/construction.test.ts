import { expect, test } from 'vitest';
import { exactlyOnce } from './exactly-once.ts';
import { leadership } from './leadership.ts';
import { printEvents } from './node-events.ts';
import { whenLeader } from './when-leader.ts';

/** As JavaScript would call them. */
const anyhow = {
  exactlyOnce: exactlyOnce as unknown as (...given: unknown[]) => unknown,
  leadership: leadership as unknown as (given: unknown) => unknown,
  whenLeader: whenLeader as unknown as (...given: unknown[]) => unknown,
};

function faultsOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('exactlyOnce() names everything that is wrong at once', () => {
  const message = faultsOf(() =>
    anyhow.exactlyOnce(undefined, {
      redisUrl: 'localhost:6379',
      group: 'a b',
      keys: 5,
      askForMs: 0,
    }),
  );
  expect(message.split('\n  ')).toEqual([
    'exactlyOnce() cannot be used like this:',
    'the processor is not a function (job, context) => …',
    expect.stringMatching(/^askForMs: /),
    'redisUrl: expected redis://host:port or rediss://…',
    'group: expected 1 to 64 letters, digits, "_", "." or "-"',
    expect.stringMatching(/"keys"/),
  ]);
});

test.each(['./processor.ts', new URL('file:///processor.ts')])(
  'a sandboxed processor (%s) is refused, with the reason',
  (path) => {
    const options = { redisUrl: 'redis://127.0.0.1:1', group: 'g' };
    expect(faultsOf(() => anyhow.exactlyOnce(path, options))).toMatch(
      /is the path .*: BullMQ runs it in a process or thread of its own.*Import the file/,
    );
  },
);

test('a leader that is none, and options that belong to it, are refused', () => {
  const message = faultsOf(() => anyhow.exactlyOnce(() => 1, { leader: {}, group: 'g' }));
  expect(message).toMatch(/"group"/);
  expect(message).toMatch(/leader: expected what leadership\(\) returned/);
});

test('leadership() names everything that is wrong at once', () => {
  const message = faultsOf(() =>
    anyhow.leadership({ group: 'g', lockRedisUrls: [], ttlMs: 1.5, tttl: 3 }),
  );
  expect(message).toMatch(/redisUrl: expected/);
  expect(message).toMatch(/lockRedisUrls: expected at least one lock node/);
  expect(message).toMatch(/ttlMs: expected a whole number of milliseconds/);
  expect(message).toMatch(/"tttl"/);
});

test('whenLeader() refuses a worker that fetches by itself, with what to do', () => {
  const running = { opts: {}, isRunning: () => true };
  const message = faultsOf(() => anyhow.whenLeader(running, {}, { drainMs: -1 }));
  expect(message).toMatch(/without autorun: false.*add that option/);
  expect(message).toMatch(/runs already: leave run\(\) to whenLeader\(\)/);
  expect(message).toMatch(/drainMs: /);
  expect(message).toMatch(/leader: expected what leadership\(\) returned/);
});

test('printed events are the lines that the lab reads', () => {
  const lines: string[] = [];
  const print = printEvents((line) => lines.push(line));
  const who = { nodeId: 'node-1', incarnation: 'i1' };
  print({ event: 'state', state: 'active', epoch: 4, term: 't' }, who);
  print({ event: 'attempt', job: 'p-1', n: 2 }, who);
  expect(lines).toEqual([
    '@understudy {"event":"state","state":"active","epoch":4,"term":"t","incarnation":"i1"}\n',
    '@understudy {"event":"attempt","job":"p-1","n":2}\n',
  ]);
});
