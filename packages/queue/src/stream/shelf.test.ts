import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Shelf } from './shelf.ts';

interface Job {
  readonly key: string | undefined;
  readonly n: number;
}

test('whatever is put, handed out, put back and settled: one of a key at a time, in its order, and none is lost', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), key: fc.constantFrom('a', 'b', undefined) }),
    fc.record({ do: fc.constantFrom('take' as const), key: fc.constant(undefined) }),
    fc.record({ do: fc.constantFrom('again' as const, 'settle' as const), pick: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const shelf = new Shelf<Job>();
      const [out, settled]: [Job[], Job[]] = [[], []];
      let put = 0;
      for (const now of steps) {
        if (now.do === 'put') shelf.put({ key: now.key, n: ++put });
        else if (now.do === 'take') {
          const shown = shelf.peek();
          const job = shelf.shift();
          expect(job).toBe(shown);
          if (job) {
            expect(out.filter(({ key }) => key !== undefined && key === job.key)).toEqual([]);
            out.push(job);
          }
        } else if (out.length > 0) {
          const [job] = out.splice(now.pick % out.length, 1) as [Job];
          if (now.do === 'again') shelf.again(job);
          else {
            shelf.settled(job);
            settled.push(job);
          }
        }
        expect(shelf.size + out.length + settled.length).toBe(put);
        expect(shelf.ready === 0).toBe(shelf.peek() === undefined);
      }
      for (const key of ['a', 'b']) {
        const order = settled.filter((job) => job.key === key).map(({ n }) => n);
        expect(order).toEqual([...order].sort((x, y) => x - y));
      }
      expect(new Set(settled.concat(out, shelf.clear())).size).toBe(put);
      expect([shelf.size, shelf.peek()]).toEqual([0, undefined]);
    }),
  );
});

test('a job that is put back is the next, before others that could be handed out', () => {
  const shelf = new Shelf<Job>();
  for (const n of [1, 2]) shelf.put({ key: undefined, n });
  const first = shelf.shift() as Job;
  shelf.again(first);
  expect([shelf.shift()?.n, shelf.shift()?.n]).toEqual([1, 2]);
});
