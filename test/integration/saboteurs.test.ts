import { SABOTEURS } from '@understudy/service-worker/saboteurs';
import { saboteurNames } from 'understudy';
import { expect, it } from 'vitest';

it('the lab names the saboteurs that the worker has, and no others', () => {
  expect([...saboteurNames].sort()).toEqual(Object.keys(SABOTEURS).sort());
});
