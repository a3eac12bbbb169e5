import { dirname, join } from 'node:path';
import { unpackDistributed } from './debian.mjs';
import { isExecutable, onPath, run, say } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';

/** Where Debian and Ubuntu keep the program itself; the one on PATH changes to a user of its own first. */
const INSTALLED = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** @type {import('./debian.mjs').Distributed} */
const DISTRIBUTED = {
  title: 'RabbitMQ',
  folder: 'rabbitmq',
  versionNeeded: [3, 8],
  packages: [
    {
      package: 'rabbitmq-server',
      programs: {
        'rabbitmq-server': 'usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server',
        epmd: 'usr/lib/erlang/erts-*/bin/epmd',
        // The distribution's own `erl` believes that it was installed.
        erl: 'usr/lib/erlang/erts-*/bin/erlexec',
      },
    },
  ],
  environment: (path) =>
    path.endsWith('/erlexec')
      ? {
          ROOTDIR: '$tree/usr/lib/erlang',
          BINDIR: `$tree/${dirname(path)}`,
          EMU: 'beam',
          PROGNAME: 'erl',
        }
      : {},
};

/**
 * Sees to a RabbitMQ for `npm run bench` to be compared with: an installed one, or one of our own in
 * `.understudy/bin`, made from the distribution's package, with the Erlang it needs. A machine that
 * cannot have it is no trouble: what is in the way is said, and kept in the stamp as `rabbitmqMissing`.
 */
export function ensureRabbitmq(home, env) {
  const stampPath = join(home, 'setup.json');
  const made = findErlang(home, env) ? 'made' : unpackDistributed(DISTRIBUTED, home, env);
  const erlang = findErlang(home, env);
  const outcome = erlang === undefined ? made : (faultOf(erlang, stampPath, env) ?? '');
  if (outcome !== '') say(`no RabbitMQ; what needs it is left out: ${outcome}`);
  if ((readStamp(stampPath).rabbitmqMissing ?? '') === outcome) return;
  addToStamp(stampPath, { rabbitmqMissing: outcome });
}

/** The `erl` of an installed RabbitMQ, else that of the unpacked one. */
function findErlang(home, env) {
  const installed = isExecutable(INSTALLED) ? onPath(['erl'], env) : undefined;
  const own = ['rabbitmq-server', 'epmd', 'erl'].map((name) => join(home, 'bin', name));
  return installed ?? (own.every(isExecutable) ? own.at(-1) : undefined);
}

function faultOf(erlang, stampPath, env) {
  if (readStamp(stampPath).erlang === erlang) return undefined;
  const done = run(erlang, ['-noinput', '-boot', 'start_clean', '-s', 'init', 'stop'], { env });
  if (!done.ok) return `${erlang} does not run:\n${done.tail}`;
  addToStamp(stampPath, { erlang });
  return undefined;
}
