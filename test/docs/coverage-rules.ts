import { LENIENTLY } from '../e2e/settings.ts';
import type { Rule, RunElsewhere } from './coverage.ts';

const LONG = 'it takes minutes';
const MODES = 'each experiment is run there, in a mode that the seed picks';
const CONTAINERS = 'it needs a Docker engine';
const PACKAGES = 'packing and installing take a minute, and are done once';
const POSTGRES = 'it needs a PostgreSQL, which that test starts';
const PYTHON = 'it needs the package redis of Python, which that test looks for';

/** Few jobs, and so slowly that work is left for the last fault also where the lab is late by some. */
const FEW = ['--jobs', '450', '--rate', '150'];
/** With a lease that is over soon. */
const BRIEFLY = [...FEW, '--ttl-ms', '1000', ...LENIENTLY];

/** How each command of the documents is tested. The first that fits holds. */
export const RULES: readonly Rule[] = [
  {
    commands: /^npm start$/,
    run: elsewhere('test/e2e/command-line.test.ts', "'compare'", 'it installs and compares'),
  },
  { commands: /^npm test$/, run: elsewhere('scripts/check.mjs', "'npm', 'test'", LONG) },
  {
    commands: /^npm run bench -- --quick$/,
    run: elsewhere('test/bench/main.test.ts', "'--quick'", LONG),
  },
  {
    commands: /^npm run bench( -- takeover-kill throughput)?$/,
    run: elsewhere('test/bench/main.test.ts', "bench('metrics-cost'", 'it takes hours'),
  },
  {
    commands: /^npm run bench -- --print --markdown$/,
    run: elsewhere('test/bench/main.test.ts', "'--print', '--markdown'", 'it needs results'),
  },
  {
    commands: /^npm run bench -- --help$/,
    run: elsewhere('test/bench/main.test.ts', "bench('--help')", 'it is that test'),
  },
  {
    commands: /^npm run observe$/,
    run: elsewhere('test/docker/compose.test.ts', "['observe', ", CONTAINERS),
  },
  {
    commands: /^npm run pack( -- --out \S+)?$/,
    run: elsewhere('test/e2e/consumer.test-support.ts', "'pack.mjs'", PACKAGES),
  },
  {
    commands: /^npm install --save-dev \S+\/\*\.tgz$/,
    run: elsewhere('test/e2e/consumer.test-support.ts', "'install', ", PACKAGES),
  },
  {
    commands: /^npx vitest run --project fleet examples\/own-worker$/,
    run: elsewhere('examples/own-worker/own-worker.test.ts', 'startLab(', 'it is that test'),
  },
  {
    commands: /^export DATABASE_URL=\S+$/,
    in: 'examples/postgres-sink/README.md',
    run: elsewhere('examples/postgres-sink/postgres-sink.test.ts', 'DATABASE_URL = ', POSTGRES),
  },
  ...['kill-any', 'pause-past-ttl'].map((name): Rule => ({
    commands: new RegExp(`^npx understudy run ${name} --system`),
    in: 'examples/postgres-sink/README.md',
    run: elsewhere('examples/postgres-sink/postgres-sink.test.ts', `'${name}'`, POSTGRES),
  })),
  ...['kill-any', 'pause-past-ttl', 'lost-replies'].map((name): Rule => ({
    commands: new RegExp(`^npx understudy run ${name} --worker python3 worker\\.py`),
    run: elsewhere('examples/python-worker/python-worker.test.ts', `'${name}'`, PYTHON),
  })),
  {
    commands: /^npx understudy run storm/,
    run: elsewhere('test/e2e/experiments.test-support.ts', 'isStorm(experiment)', LONG),
  },
  {
    commands: /^npx understudy run kill-leader --lane stream$/,
    run: elsewhere('test/e2e/stream-lane.test.ts', "'kill-leader'", 'each lane has its test'),
  },
  {
    commands: /^npx understudy run kill-leader --prometheus$/,
    run: elsewhere('test/e2e/prometheus.test.ts', 'prometheus: {', 'it needs a Prometheus'),
  },
  {
    commands: /^npx understudy run failover --sabotage no-fencing,no-idempotency --shrink$/,
    run: elsewhere('test/e2e/again.test.ts', "'--shrink'", LONG),
  },
  {
    commands: /^npx understudy audit$/,
    run: elsewhere('scripts/check.mjs', "'understudy', 'audit'", LONG),
  },
  {
    commands: /^npx understudy fault kill leader --group /,
    run: elsewhere('test/docker/containers.test.ts', "'fault', 'kill', 'leader'", CONTAINERS),
  },
  {
    commands: /^npx understudy fault latency leader --(group|set) /,
    run: elsewhere('test/docker/compose.test.ts', "'latency', 'leader'", CONTAINERS),
  },
  {
    commands: /^npx understudy run kill-leader --driver docker --group payments-passive$/,
    run: elsewhere('test/docker/containers.test.ts', "'--driver', 'docker'", CONTAINERS),
  },
  {
    commands: /^npx understudy doctor --redis \S+$/,
    run: elsewhere('test/e2e/again.test.ts', "'doctor', '--redis'", 'it needs a Redis'),
  },
  { commands: /^npx understudy (list|doctor|doctor --heal)$/, run: { where: 'package' } },
  {
    commands: /^npx understudy init$/,
    run: {
      where: 'package',
      leaves: [
        ...['understudy.config.ts', 'understudy/worker.ts'],
        ...['understudy/two-kills.ts', 'understudy/failover.test.ts'],
      ],
    },
  },
  {
    commands: /^npx understudy run (\S+ --system|\.\/understudy\/two-kills\.ts --system)/,
    run: { where: 'package with a start', shorter: FEW },
  },
  {
    commands: /^npx understudy run \S+ --worker npm run worker/,
    run: { where: 'package', shorter: FEW },
  },
  {
    commands: /^npx understudy run pause-past-ttl --worker node examples\/plain-bullmq\/\S+/,
    run: elsewhere(
      'examples/plain-bullmq/plain-bullmq.test.ts',
      "'safe-worker.ts'",
      'it is that test',
    ),
  },
  {
    commands: /^npx understudy run kill-leader --seed 1\.\.5 --reporter /,
    run: {
      where: 'package',
      shorter: [...BRIEFLY, '--seed', '1', '--mode', 'active-passive'],
      leaves: ['junit.xml'],
    },
  },
  {
    commands: /^npx understudy run kill-leader$/,
    run: { where: 'package', shorter: [...BRIEFLY, '--mode', 'active-active'] },
  },
  {
    commands: /^npx understudy run failover --input my-payments\.ndjson$/,
    run: { where: 'package', shorter: [...BRIEFLY, '--mode', 'active-passive'] },
  },
  {
    commands:
      /^npx understudy run \S+ --mode \S+ (--handler-ms 50 .*--repeat 5|--ttl-ms 4000|--rate 100 --proxies)$/,
    run: { where: 'package', shorter: [...BRIEFLY, '--repeat', '1'] },
  },
  {
    commands: /^npx understudy run \S+ --mode active-\S+( --seed \d+)?$/,
    run: elsewhere('test/e2e/experiments.test-support.ts', 'runExperiment(', MODES),
  },
  {
    commands: /^npx understudy run \S+ --mode \S+( --seed \d+)?$/,
    run: { where: 'package', shorter: BRIEFLY },
  },
  {
    commands: /^npx understudy replay <id> --repeat 10$/,
    run: { where: 'package with a run', shorter: ['--repeat', '1'] },
  },
  {
    commands: /^npx understudy (check \.understudy\/runs\/<id>\/history\.ndjson|report <id>)$/,
    run: { where: 'package with a run' },
  },
];

function elsewhere(by: string, piece: string, because: string): RunElsewhere {
  return { by, with: piece, because };
}
