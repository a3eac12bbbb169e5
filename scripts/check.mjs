// `npm run check`: everything that must hold before a change goes in, the cheap things first. It
// stops at the first stage that fails and exits as that one did. CI runs nothing else (.ci/run).
import { spawn, spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Stages, one after another; those of one line at the same time, because they wait a lot. */
const STAGES = [
  [['format', 'prettier', '--check', '--log-level', 'warn', '.']],
  [['types', 'npm', 'run', '--silent', 'types']],
  [['lint', 'npm', 'run', '--silent', 'lint']],
  [['layers', 'npm', 'run', '--silent', 'layers']],
  [['unused code', 'npm', 'run', '--silent', 'unused']],
  [['dashboards', 'npm', 'run', '--silent', 'dashboards', '--', '--check']],
  [['report page', 'npm', 'run', '--silent', 'report-page', '--', '--check']],
  // Part of the tests as well; here first, because it takes a second and they take minutes.
  [['tidy', 'vitest', 'run', '--project', 'unit', '--reporter', 'dot', 'test/tidy/tidy']],
  [['tests', 'npm', 'test']],
  [
    // Whether the lab would notice: late, because it says something only of a lab that works.
    ['audit', 'understudy', 'audit'],
    ['containers', 'vitest', 'run', '--project', 'docker', '--reporter', 'default'],
  ],
];

/** With `demanded` the lack of an engine is a failure; else it is said, and the stage left out. */
const { UNDERSTUDY_CONTAINERS: containers } = process.env;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
};

for (const stages of STAGES) {
  const failed = (await Promise.all(stages.map(run))).filter((status) => status !== 0);
  if (failed.length > 0) process.exit(failed[0]);
}

function run([stage, program, ...args]) {
  if (stage === 'containers' && containers !== 'demanded' && !engineAnswers()) {
    process.stderr.write(`check: ${stage} left out: no Docker engine answers\n`);
    return 0;
  }
  process.stderr.write(`check: ${stage} ...\n`);
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: 'inherit' });
    const end = (status, how) => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      const outcome = status === 0 ? `ok (${seconds} s)` : `FAILED after ${seconds} s (${how})`;
      process.stderr.write(`check: ${stage} ${outcome}\n`);
      resolve(status);
    };
    child.once('error', (error) => end(1, error.message));
    child.once('exit', (code, signal) =>
      end(code ?? 1, signal ? `ended by ${signal}` : `exit status ${code}`),
    );
  });
}

function engineAnswers() {
  return spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
}
