import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { JOBS_FILE, replayCommand, testCommand } from './replay.ts';
import { passed } from './results.test-support.ts';

it('a run is replayed from its directory, with the jobs that the test brought', async () => {
  const directory = await mkdtemp(join(tmpdir(), "understudy's runs-"));
  try {
    const run = passed({ directory });
    const quoted = `'${directory.replaceAll("'", String.raw`'\''`)}`;
    expect(replayCommand(run)).toBe(`npx understudy replay ${quoted}'`);
    await writeFile(join(directory, JOBS_FILE), '');
    expect(replayCommand(run)).toContain(` --input ${quoted}/jobs.ndjson'`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('the name of a test is taken literally', () => {
  expect(testCommand('/a/b.test.ts', 'a (b) > costs $5?')).toBe(
    String.raw`npx vitest run /a/b.test.ts -t '^a \(b\) > costs \$5\?$'`,
  );
});
