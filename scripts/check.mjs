// `npm run check`: everything that must hold before a change goes in, the cheap things first. It
// stops at the first stage that fails and exits as that one did. CI runs nothing else (.ci/run).
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STAGES = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['types', 'npm', 'run', '--silent', 'types'],
  ['lint', 'npm', 'run', '--silent', 'lint'],
  ['layers', 'npm', 'run', '--silent', 'layers'],
  ['unused code', 'npm', 'run', '--silent', 'unused'],
  ['dashboards', 'npm', 'run', '--silent', 'dashboards', '--', '--check'],
  // Part of the tests as well; here first, because it takes a second and they take minutes.
  ['tidy', 'vitest', 'run', '--project', 'unit', '--reporter', 'dot', 'test/tidy/tidy'],
  ['tests', 'npm', 'test'],
  // Whether the lab would notice: last, because it says something only of a lab that works.
  ['audit', 'understudy', 'audit'],
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
};

for (const [stage, program, ...args] of STAGES) {
  process.stderr.write(`check: ${stage} ...\n`);
  const startedMs = performance.now();
  const { status, signal, error } = spawnSync(program, args, { cwd: root, env, stdio: 'inherit' });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (status !== 0) {
    const how = error?.message ?? (signal ? `ended by ${signal}` : `exit status ${status}`);
    process.stderr.write(`check: ${stage} FAILED after ${seconds} s (${how})\n`);
    process.exit(status || 1);
  }
  process.stderr.write(`check: ${stage} ok (${seconds} s)\n`);
}
