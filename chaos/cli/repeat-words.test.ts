import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoted, repeatCommand } from './repeat-words.ts';

const run = { experiment: 'calm', mode: 'active-active', seed: 7 };

test('every option that was given is in the command, those about showing left out', () => {
  const flags = {
    ...({ jobs: 300, handlerMs: 20, rate: 'max', seed: [1, 2, 7] } as const),
    ...({
      reporter: [{ name: 'json' }],
      quiet: true,
      repeat: 5,
      input: 'my payments.ndjson',
    } as const),
  };
  expect(repeatCommand(run, flags, '/srv/fleet')).toBe(
    "npx understudy run calm --jobs 300 --handler-ms 20 --rate max --seed 7 --input '/srv/fleet/my payments.ndjson' --mode active-active",
  );
});

test('the lane is in the command where it was given', () => {
  expect(repeatCommand(run, { lane: 'stream' }, '/')).toBe(
    'npx understudy run calm --lane stream --mode active-active --seed 7',
  );
});

test('nothing given: experiment, mode and seed, whatever their defaults may become', () => {
  expect(repeatCommand(run, {}, '/')).toBe('npx understudy run calm --mode active-active --seed 7');
});

test('a password in the URL of a Redis is left out', () => {
  const flags = {
    redis: 'rediss://ada:secret@redis.example:6380/',
    lockRedis: ['redis://:secret@one:1', 'redis://two:2'],
  };
  expect(repeatCommand(run, flags, '/')).toBe(
    'npx understudy run calm --redis rediss://redis.example:6380 --lock-redis redis://one:1,redis://two:2 --mode active-active --seed 7',
  );
});

test('a shell takes a quoted word as it was', () => {
  for (const word of ["it's", '$HOME `id` "x"', '', 'a;b&c|d', 'plain-word_1.5', '*', '\n']) {
    const heard = execFileSync('/bin/sh', ['-c', `printf %s ${quoted(word)}`], {
      encoding: 'utf8',
    });
    expect(heard).toBe(word);
  }
});

test('of the environment the names are in the command, and the paths of a worker are whole', () => {
  const env = [['TOKEN', 'secret'], ['HOME']] as const;
  const flags = { worker: 'npm run worker', cwd: 'app', env } as const;
  expect(repeatCommand(run, flags, '/srv')).toBe(
    "npx understudy run calm --worker 'npm run worker' --cwd /srv/app --env TOKEN --env HOME --mode active-active --seed 7",
  );
});
