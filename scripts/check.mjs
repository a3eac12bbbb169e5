// `npm run check`: everything that must hold before a change goes in, the cheap things first. It
// stops after the first part in which a stage fails and exits as that one did. `npm run check -- static`
// makes the parts named. CI runs nothing else (.ci/run).
import { spawn, spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs a program whose nodes load the worker from one file, as those of the tests do. */
const IN_ONE_FILE = join('test', 'setup', 'one-file', 'run.ts');

/** The stages of each part; `atOnce` of them run at a time. */
const PARTS = {
  static: {
    atOnce: 2,
    stages: [
      // The longest first, so that the other core does the rest beside it.
      ['lint', 'npm', 'run', '--silent', 'lint'],
      ['types', 'npm', 'run', '--silent', 'types'],
      ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
      ['layers', 'npm', 'run', '--silent', 'layers'],
      ['unused code', 'npm', 'run', '--silent', 'unused'],
      ['API reference', 'npm', 'run', '--silent', 'api', '--', '--check'],
      ['dashboards', 'npm', 'run', '--silent', 'dashboards', '--', '--check'],
      ['report page', 'npm', 'run', '--silent', 'report-page', '--', '--check'],
    ],
  },
  tests: { atOnce: 1, stages: [['tests', 'npm', 'test']] },
  // Whether the lab would notice: late, because it says something only of a lab that works. One after
  // the other: beside the audit the containers wait for the processors until they are late.
  controls: {
    atOnce: 1,
    stages: [
      ['audit', 'node', IN_ONE_FILE, 'understudy', 'audit', '--at-once', '3'],
      ['containers', 'vitest', 'run', '--project', 'docker', '--reporter', 'default'],
    ],
  },
};

/** With `demanded` the lack of an engine is a failure; else it is said, and the stage left out. */
const { UNDERSTUDY_CONTAINERS: containers } = process.env;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  process.stderr.write(`usage: npm run check [-- ${Object.keys(PARTS).join(' | ')} …]\n`);
  process.exit(64);
}

for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const status = await runAll(part);
  if (status !== 0) process.exit(status);
}

/** The status of the first stage that failed, else 0. After a failure no other stage is begun. */
async function runAll({ atOnce, stages }) {
  const waiting = stages.values();
  let failed = 0;
  const runSome = async () => {
    for (const stage of waiting) {
      if (failed !== 0) return;
      const status = await run(stage);
      if (failed === 0) failed = status;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runSome));
  return failed;
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
