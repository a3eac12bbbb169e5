import { expect, test } from 'vitest';
import { jobKey } from './job-key.ts';

const job = {
  id: '17',
  name: 'pay',
  data: {} as unknown,
  opts: {},
  attemptsStarted: 1,
  queueQualifiedName: 'bull:payments',
  moveToWait: () => Promise.resolve(),
};

test('C2: the id in the data is the key, whatever id the queue has for the job', () => {
  expect(jobKey({ ...job, data: { id: 'p-1' } })).toEqual({ known: true, key: 'p-1' });
  const both = { ...job, id: 'j-1', opts: { jobId: 'j-1' }, data: { id: 'p-1' } };
  expect(jobKey(both)).toEqual({ known: true, key: 'p-1' });
});

test('C2: without one it is the id the caller enqueued the job with', () => {
  const given = { ...job, id: 'j-1', opts: { jobId: 'j-1' } };
  expect(jobKey(given)).toEqual({ known: true, key: 'j-1' });
});

test('C2: an occurrence of a scheduler is known by scheduler and time, not by the data of all', () => {
  const data = { id: 'monthly' };
  const occurrence = { ...job, id: 'repeat:interest:1000', repeatJobKey: 'interest', data };
  expect(jobKey(occurrence)).toEqual({ known: true, key: 'repeat:interest:1000' });
  expect(jobKey(occurrence, () => 'mine')).toEqual({ known: true, key: 'mine' });
});

test.each([
  ['nothing but the number of the queue', job, undefined],
  ['an id that is no string', { ...job, data: { id: 5 } }, undefined],
  ['an empty id', { ...job, data: { id: '' } }, undefined],
  ["a key that is the queue's number after all", job, (j: typeof job) => j.id],
  ['a key that is missing', job, () => undefined],
])('C2: %s is refused, with what to do', (_, given, key) => {
  const found = jobKey(given, key);
  expect(found).toMatchObject({ known: false });
  expect(found).toHaveProperty('reason', expect.stringContaining('give it an id of your own'));
});
