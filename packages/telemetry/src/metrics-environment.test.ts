import { expect, test } from 'vitest';
import { z } from 'zod';
import { metricsAddress, metricsEnvironment } from './metrics-environment.ts';

const schema = z.object(metricsEnvironment);
const read = (env: Record<string, string>) => metricsAddress(schema.parse(env));

test('without a port nothing is served, also where it is set to nothing', () => {
  expect(read({})).toBeUndefined();
  expect(read({ METRICS_PORT: '', METRICS_HOST: '0.0.0.0' })).toBeUndefined();
});

test('what listens, listens on loopback unless told otherwise', () => {
  expect(read({ METRICS_PORT: '9100' })).toEqual({ host: '127.0.0.1', port: 9100 });
  expect(read({ METRICS_PORT: '0', METRICS_HOST: '::' })).toEqual({ host: '::', port: 0 });
});

test('what is no port is refused by the name of its variable', () => {
  for (const port of ['http', '-1', '65536', '1e3', '99999', '123456', ' 80']) {
    const { success, error } = schema.safeParse({ METRICS_PORT: port });
    expect([port, success]).toEqual([port, false]);
    expect(z.prettifyError(error as z.ZodError)).toMatch(/0 to 65535.*METRICS_PORT/s);
  }
});
