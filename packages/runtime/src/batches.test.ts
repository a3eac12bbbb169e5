import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batches } from './batches.ts';

const BOUNDS = { mostRequests: 4, mostBytes: 100, overlapFrom: Number.POSITIVE_INFINITY };

/** Batches whose answers a test gives: `sent` are those on their way, each answered by calling it. */
function gated(bounds = BOUNDS) {
  const sent: { requests: readonly string[]; answer: PromiseWithResolvers<(string | Error)[]> }[] =
    [];
  const batches = new Batches<string, string>(
    bounds,
    (request) => request.length,
    (requests) => {
      const answer = Promise.withResolvers<(string | Error)[]>();
      sent.push({ requests, answer });
      return answer.promise;
    },
  );
  /** Answers the oldest batch that is on its way, and lets the next one go. */
  const echo = async (): Promise<readonly string[]> => {
    const batch = sent.shift();
    batch?.answer.resolve(batch.requests.map((request) => `${request}!`));
    await new Promise((resolve) => setImmediate(resolve));
    return batch?.requests ?? [];
  };
  return { batches, sent, echo };
}

test('with nothing on its way a request goes at once, and the next ones wait for it together', async () => {
  const { batches, sent, echo } = gated();
  const answers = ['a', 'b', 'c'].map((request) => batches.ask(request));
  expect(sent.map(({ requests }) => requests)).toEqual([['a']]);
  await echo();
  expect(sent.map(({ requests }) => requests)).toEqual([['b', 'c']]);
  await echo();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
});

test('when many wait a second batch goes before the first is back, and never a third', async () => {
  const { batches, sent, echo } = gated({ ...BOUNDS, overlapFrom: 3 });
  const answers = Promise.all(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((request) => batches.ask(request)),
  );
  expect(sent.map(({ requests }) => requests)).toEqual([['a'], ['b', 'c', 'd']]);
  await echo();
  expect(sent.map(({ requests }) => requests)).toEqual([
    ['b', 'c', 'd'],
    ['e', 'f', 'g'],
  ]);
  await echo();
  await echo();
  expect(await answers).toEqual(['a!', 'b!', 'c!', 'd!', 'e!', 'f!', 'g!']);
});

test('a batch is bounded by requests and by bytes, and one that is too large goes alone', async () => {
  const { batches, echo } = gated();
  const large = 'x'.repeat(101);
  const requests = ['a', 'b', 'c', 'd', 'e', 'f', large, 'g'.repeat(60), 'h'.repeat(41), 'i'];
  const answers = Promise.all(requests.map((request) => batches.ask(request)));
  const sizes: number[][] = [];
  for (let left = requests.length; left > 0;) {
    const batch = await echo();
    sizes.push(batch.map(({ length }) => length));
    left -= batch.length;
  }
  expect(sizes).toEqual([[1], [1, 1, 1, 1], [1], [101], [60], [41, 1]]);
  expect(await answers).toEqual(requests.map((request) => `${request}!`));
});

test('what is wrong with one request is told to its caller alone', async () => {
  const { batches, sent, echo } = gated();
  const first = batches.ask('first');
  const told = Promise.allSettled(['good', 'bad'].map((request) => batches.ask(request)));
  await echo();
  sent[0]?.answer.resolve(['good!', new Error('refused')]);
  expect(await first).toBe('first!');
  expect(await told).toEqual([
    { status: 'fulfilled', value: 'good!' },
    { status: 'rejected', reason: new Error('refused') },
  ]);
});

test('a batch that fails fails all of it, and those who waited go next', async () => {
  const { batches, sent, echo } = gated();
  const first = batches.ask('first');
  const told = Promise.allSettled(['a', 'b'].map((request) => batches.ask(request)));
  await echo();
  const later = batches.ask('later');
  sent.shift()?.answer.reject(new Error('lost'));
  const lost = { status: 'rejected', reason: new Error('lost') };
  expect(await told).toEqual([lost, lost]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await echo()).toEqual(['later']);
  expect([await first, await later]).toEqual(['first!', 'later!']);
});

test('whatever comes when, everybody has their own answer, in order, and within the bounds', async () => {
  const step = fc.oneof(
    fc.record({ ask: fc.string({ maxLength: 60 }) }),
    fc.constant('answer' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step), fc.integer({ min: 1, max: 6 }), async (steps, overlapFrom) => {
      const bounds = { ...BOUNDS, overlapFrom };
      const { batches, sent, echo } = gated(bounds);
      const asked: string[] = [];
      const went: string[] = [];
      const answers: Promise<string>[] = [];
      const answerOne = async (): Promise<void> => {
        expect(sent.length).toBeLessThanOrEqual(2);
        const batch = await echo();
        const bytes = batch.reduce((sum, { length }) => sum + length, 0);
        expect(batch.length).toBeLessThanOrEqual(bounds.mostRequests);
        if (batch.length > 1) expect(bytes).toBeLessThanOrEqual(bounds.mostBytes);
        went.push(...batch);
      };
      for (const one of steps) {
        if (one === 'answer') await answerOne();
        else {
          asked.push(one.ask);
          answers.push(batches.ask(one.ask));
        }
      }
      while (sent.length > 0) await answerOne();
      expect(went).toEqual(asked);
      expect(await Promise.all(answers)).toEqual(asked.map((request) => `${request}!`));
    }),
    { numRuns: 100 },
  );
});
