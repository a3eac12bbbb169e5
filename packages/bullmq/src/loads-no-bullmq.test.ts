import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const CHILD = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  await import(process.argv[1]);
  console.log(JSON.stringify(loaded));
`;

test('whoever uses BullMQ 5 has no BullMQ 6 loaded beside it', async () => {
  const index = fileURLToPath(new URL('./index.ts', import.meta.url));
  const words = ['--input-type=module', '--eval', CHILD, index];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded.some((url) => url.includes('/packages/queue/src/bullmq/recovery.ts'))).toBe(true);
  expect(loaded.filter((url) => /\/bullmq5?\/dist\//.test(url))).toEqual([]);
});
