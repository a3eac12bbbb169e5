// Who may import whom; the reasons are in docs/ARCHITECTURE.md. `npm run layers` also makes sure that
// every source file was really looked at (scripts/check-layers.mjs).

/** Everything of ours, as this file's paths see it. */
const OURS = '^(packages|services|chaos|dashboards)/';

/** A rule that files matching `from` import nothing of ours but what matches `allowed`. */
function only(name, comment, from, allowed) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    to: { path: OURS, pathNot: [from, ...allowed] },
  };
}

function packages(...names) {
  return names.map((name) => `^packages/${name}/`);
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means that two files are one concept, or that one of them knows too much.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'packages-by-name',
      comment: 'Packages import each other by name: a path goes round what index.ts offers.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|services/[^/]+|chaos|dashboards|test|examples)/' },
      to: {
        path: OURS,
        pathNot: '^$1/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
    only('runtime-alone', 'The bottom of everything.', '^packages/runtime/', []),
    ...['redis', 'history', 'telemetry'].map((name) =>
      only(
        `foundation-${name}`,
        'What the runtime and the lab share stands on `runtime` alone.',
        `^packages/${name}/`,
        packages('runtime'),
      ),
    ),
    only(
      'lease-apart',
      'Leadership and commits meet in the worker: each must be right without trusting the other.',
      '^packages/lease/',
      packages('runtime', 'redis'),
    ),
    only(
      'exactly-once-apart',
      'Leadership and commits meet in the worker: each must be right without trusting the other.',
      '^packages/exactly-once/',
      packages('runtime', 'redis'),
    ),
    only('queue-apart', 'A lane delivers; it decides nothing.', '^packages/queue/', [
      ...packages('runtime', 'redis'),
    ]),
    only(
      'worker-assembles',
      'The worker is where the runtime comes together.',
      '^packages/worker/',
      [...packages('runtime', 'redis', 'telemetry', 'lease', 'exactly-once', 'queue')],
    ),
    only(
      'bullmq-wraps',
      "A worker that is the user's own is wrapped by what the runtime is made of.",
      '^packages/bullmq/',
      [...packages('runtime', 'redis', 'lease', 'exactly-once', 'queue', 'worker')],
    ),
    only(
      'testkit-is-the-lab',
      'The testkit is made of the lab and knows nothing of the runtime it judges.',
      '^packages/testkit/',
      [...packages('runtime', 'redis', 'history'), '^chaos/'],
    ),
    only('services-on-packages', 'Services are assembled from packages.', '^services/', [
      '^packages/(?!testkit/)',
    ]),
    only(
      'judge-apart',
      'The judge shares no code with the judged.',
      '^chaos/',
      packages('runtime', 'redis', 'history', 'telemetry'),
    ),
    only(
      'dashboards-apart',
      'What is seen from outside knows the metrics, and nothing of what makes them.',
      '^dashboards/',
      packages('runtime', 'telemetry'),
    ),
    only(
      'checker-imports-history-only',
      'A verdict is a function of the history.',
      '^chaos/checker/',
      [...packages('runtime', 'history')],
    ),
    {
      name: 'checker-is-pure',
      comment: 'A verdict is a function of the history: no files, no network, no processes.',
      severity: 'error',
      from: { path: '^chaos/checker/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
    },
    {
      name: 'tests-are-not-a-library',
      comment: 'What several tests need has a file of its own.',
      severity: 'error',
      from: {},
      to: { path: '\\.test\\.ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types bind as well.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.understudy/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
