import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackDistributed } from './debian.mjs';
import { checkVersion } from './program.mjs';
import { isExecutable, onPath, say } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';

// The oldest with which the example has been run.
const VERSION_NEEDED = [13, 0];
const PROGRAMS = ['initdb', 'postgres'];
/** Where Debian and Ubuntu keep the programs of each version, beside PATH; a test says another place. */
const versionsFolder = (env) => env.UNDERSTUDY_POSTGRESQL_VERSIONS ?? '/usr/lib/postgresql';

/** @type {import('./debian.mjs').Distributed} */
const DISTRIBUTED = {
  title: 'PostgreSQL',
  folder: 'postgresql',
  versionNeeded: VERSION_NEEDED,
  packages: [
    {
      package: 'postgresql',
      programs: Object.fromEntries(
        PROGRAMS.map((name) => [name, `usr/lib/postgresql/*/bin/${name}`]),
      ),
    },
  ],
};

/**
 * Sees to a PostgreSQL for the example `postgres-sink`: on PATH, where Debian keeps it, or one of our
 * own in `.understudy/bin`, made from the distribution's package. A machine that cannot have it is no
 * trouble: what is in the way is said, and kept in the stamp as `postgresqlMissing`.
 */
export function ensurePostgresql(home, env) {
  const stampPath = join(home, 'setup.json');
  let outcome = '';
  if (findFolder(home, env) === undefined) {
    const made = unpackDistributed(DISTRIBUTED, home, env);
    outcome = made === 'made' ? '' : made;
  }
  const folder = findFolder(home, env);
  if (folder !== undefined) outcome = faultOf(folder, stampPath, env) ?? '';
  if (outcome !== '') say(`no PostgreSQL; what needs it is left out: ${outcome}`);
  if ((readStamp(stampPath).postgresqlMissing ?? '') === outcome) return;
  addToStamp(stampPath, { postgresqlMissing: outcome });
}

/** The first folder that has all the programs. */
function findFolder(home, env) {
  const onThePath = onPath(PROGRAMS.slice(0, 1), env);
  const beside = versionsFolder(env);
  const versions = existsSync(beside) ? readdirSync(beside) : [];
  const folders = [
    ...(onThePath === undefined ? [] : [join(onThePath, '..')]),
    ...versions.map((version) => join(beside, version, 'bin')),
    join(home, 'bin'),
  ];
  return folders.find((folder) => PROGRAMS.every((name) => isExecutable(join(folder, name))));
}

function faultOf(folder, stampPath, env) {
  const path = join(folder, 'postgres');
  const expected = { key: 'postgresql', pattern: /\b(\d+)\.(\d+)/, needed: VERSION_NEEDED };
  const { failed, tooOld } = checkVersion(path, expected, stampPath, env);
  if (failed !== undefined) return `${path} does not run:\n${failed}`;
  return tooOld === undefined
    ? undefined
    : `${path} is ${tooOld}, and ${VERSION_NEEDED[0]} or later is needed`;
}
