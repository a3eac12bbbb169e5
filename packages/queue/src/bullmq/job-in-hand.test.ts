import { expect, test } from 'vitest';
import { canonicalDigest } from '../digest.ts';
import { JobInHand, readJob } from './job-in-hand.ts';

function read(fields: Record<string, string>) {
  return readJob('7', 'i:n', new Map(Object.entries(fields)));
}

test('a job is read with its counters', () => {
  const opts = '{"attempts":4,"backoff":{"type":"fixed","delay":9}}';
  const job = read({ data: '{"id":"p-1","x":1}', ats: '3', opts, 'understudy:recoveries': '2' });
  expect(job).toBeInstanceOf(JobInHand);
  expect(job).toMatchObject({ id: 'p-1', queueId: '7', attempt: 3, recoveries: 2, token: 'i:n' });
  expect((job as JobInHand).opts).toMatchObject({ attempts: 4 });
});

test('what no handler can be given is malformed, and says why', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /has no data/],
    [{ data: 'not json' }, /not JSON/],
    [{ data: '[1]' }, /not a JSON object/],
    [{ data: 'null' }, /not a JSON object/],
    [{ data: '{"id":7}' }, /no "id"/],
    [{ data: '{"id":""}' }, /no "id"/],
    [{ data: '{"id":"p-1"}', opts: '{' }, /not JSON/],
    [{ data: '{"id":"p-1"}', parent: 'x' }, /not JSON/],
  ];
  for (const [fields, why] of cases) expect(read(fields)).toMatchObject({ reason: why });
});

test('the digest does not depend on the order of fields, and on everything else', () => {
  const digest = canonicalDigest({ id: 'p-1', nested: { a: 1, b: [1, 2] } });
  expect(canonicalDigest({ nested: { b: [1, 2], a: 1 }, id: 'p-1' })).toBe(digest);
  expect(digest).toMatch(/^[\w-]{22}$/);
  for (const other of [
    { id: 'p-1', nested: { a: 1, b: [2, 1] } },
    { id: 'p-1', nested: { a: '1', b: [1, 2] } },
    { id: 'p-1' },
  ]) {
    expect(canonicalDigest(other)).not.toBe(digest);
  }
});
