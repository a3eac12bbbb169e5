import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Rule, the file that breaks it, and what that file imports. */
const OFFENCES = [
  ['lease-apart', 'packages/lease/src/a.ts', 'packages/exactly-once/src/b.ts'],
  ['exactly-once-apart', 'packages/exactly-once/src/a.ts', 'packages/lease/src/b.ts'],
  ['queue-apart', 'packages/queue/src/a.ts', 'packages/exactly-once/src/b.ts'],
  ['runtime-alone', 'packages/runtime/src/a.ts', 'packages/redis/src/b.ts'],
  ['foundation-redis', 'packages/redis/src/a.ts', 'packages/telemetry/src/b.ts'],
  ['foundation-history', 'packages/history/src/a.ts', 'packages/redis/src/b.ts'],
  ['foundation-telemetry', 'packages/telemetry/src/a.ts', 'packages/queue/src/b.ts'],
  ['worker-assembles', 'packages/worker/src/a.ts', 'chaos/b.ts'],
  ['testkit-is-the-lab', 'packages/testkit/src/a.ts', 'packages/lease/src/b.ts'],
  ['services-on-packages', 'services/worker/src/a.ts', 'chaos/b.ts'],
  ['judge-apart', 'chaos/runner/a.ts', 'packages/lease/src/b.ts'],
  ['judge-apart', 'chaos/drivers/a.ts', 'services/worker/src/b.ts'],
  ['judge-apart', 'chaos/runner/c.ts', 'dashboards/b.ts'],
  ['dashboards-apart', 'dashboards/grafana/a.ts', 'packages/lease/src/b.ts'],
  ['checker-imports-history-only', 'chaos/checker/a.ts', 'chaos/runner/b.ts'],
  ['checker-is-pure', 'chaos/checker/c.ts', 'node:fs'],
  ['tests-are-not-a-library', 'packages/redis/src/c.ts', 'packages/redis/src/c.test.ts'],
  ['packages-by-name', 'packages/redis/src/d.ts', 'packages/runtime/src/b.ts'],
  ['no-cycles', 'chaos/report/a.ts', 'chaos/report/a.ts'],
  ['resolvable', 'chaos/report/b.ts', './nowhere.ts'],
] as const;

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A directory with `files` (path to text) in it. */
function treeOf(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'understudy-layers-'));
  roots.push(root);
  cpSync(join(REPOSITORY, 'tsconfig.json'), join(root, 'tsconfig.json'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Looks at the files below `root` as `npm run layers` does at the repository's. */
function checkLayers(root: string): { status: number | null; said: string } {
  const script = join(REPOSITORY, 'scripts', 'check-layers.mjs');
  const done = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  return { status: done.status, said: done.stdout + done.stderr };
}

/** The files of an offence. What is not a path of ours is imported as it stands. */
function importing(from: string, to: string): Record<string, string> {
  const ours = /^(packages|services|chaos|dashboards)\//.test(to);
  const up = '../'.repeat(from.split('/').length - 1);
  const files = { [from]: `import '${ours ? up : ''}${to}';\n` };
  return ours && to !== from ? { ...files, [to]: 'export const b = 1;\n' } : files;
}

describe('the layer check', () => {
  test('passes where nothing is against the rules, and counts what it looked at', () => {
    const { status, said } = checkLayers(
      treeOf(importing('packages/lease/src/a.ts', 'packages/lease/src/b.ts')),
    );
    expect(said).toContain('2 of 2 source files looked at, 1 imports, 0 against the rules');
    expect(status).toBe(0);
  });

  test('fails where there is nothing to look at', () => {
    const { status, said } = checkLayers(treeOf({}));
    expect(said).toContain('there are no source files');
    expect(status).toBe(1);
  });

  test('fails where a source file was not looked at', () => {
    const root = treeOf({ 'chaos/a.ts': 'export const a = 1;' });
    symlinkSync('nowhere.ts', join(root, 'chaos/b.ts'));
    const { status, said } = checkLayers(root);
    expect(said).toContain('chaos/b.ts\n  was not looked at');
    expect(said).toContain('1 of 2 source files looked at');
    expect(status).toBe(1);
  });

  test('finds what is against each rule, and says which', () => {
    const files = OFFENCES.map(([, from, to]) => importing(from, to));
    const { status, said } = checkLayers(
      treeOf(Object.assign({}, ...files) as Record<string, string>),
    );
    for (const [rule, from] of OFFENCES) {
      expect(said).toMatch(new RegExp(`^${from}\\n  imports .*\\n  against ${rule}:`, 'm'));
    }
    expect(status).toBe(1);
  });
});
