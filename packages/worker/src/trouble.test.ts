import { expect, test } from 'vitest';
import { settingsFromEnvironment } from './settings.ts';
import { startWorker } from './worker.ts';

/** Nobody listens on the port `tcpmux`. */
const NOBODY = 'redis://127.0.0.1:1';

test('a node that reaches no Redis says which and why, and does not repeat itself', async () => {
  const warnings: string[] = [];
  const both = Promise.withResolvers<void>();
  const nothing = (): void => undefined;
  const settings = settingsFromEnvironment({
    ...{ REDIS_URL: NOBODY, LOCK_REDIS_URLS: NOBODY },
    ...{ UNDERSTUDY_NODE_ID: 'node-1', UNDERSTUDY_GROUP: 'g', UNDERSTUDY_DRAIN_MS: '1' },
  });
  const worker = startWorker(
    { queue: 'q', handle: () => undefined },
    {
      settings,
      log: {
        ...{ debug: nothing, info: nothing, error: nothing },
        warn(fields, message) {
          warnings.push(`${message}: ${String(fields['reason'] ?? fields['error'])}`);
          if (new Set(warnings).size === 3) both.resolve();
        },
      },
    },
  );
  await both.promise;
  await worker.stop();
  expect(warnings.toSorted()).toEqual([
    'data Redis in trouble: connect ECONNREFUSED 127.0.0.1:1',
    'lane in trouble: connect ECONNREFUSED 127.0.0.1:1',
    'lock node failed: connect ECONNREFUSED 127.0.0.1:1',
  ]);
});
