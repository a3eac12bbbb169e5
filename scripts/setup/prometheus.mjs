import { join } from 'node:path';
import { unpackDistributed } from './debian.mjs';
import { checkVersion, locate } from './program.mjs';
import { say } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';

// The oldest with which the rules and their tests have been run.
const VERSION_NEEDED = [2, 42];
const PROGRAMS = { PROMETHEUS: 'prometheus', PROMTOOL: 'promtool' };

/** @type {import('./debian.mjs').Distributed} */
const DISTRIBUTED = {
  title: 'Prometheus',
  folder: 'prometheus',
  versionNeeded: VERSION_NEEDED,
  packages: [
    { package: 'prometheus', programs: { prometheus: 'prometheus', promtool: 'promtool' } },
  ],
};

/**
 * Sees to a Prometheus and its promtool: `PROMETHEUS` and `PROMTOOL`, else those on PATH, else ones of
 * our own in `.understudy/bin`, made from the distribution's package. Most of Understudy does without,
 * so a machine that cannot have them is no trouble: what is in the way is said, and kept in the stamp
 * as `prometheusMissing` for those that have to be left out.
 */
export function ensurePrometheus(home, env) {
  const stampPath = join(home, 'setup.json');
  const fault = findFault(home, env);
  const outcome =
    fault === undefined || env[fault.variable]
      ? fault?.text
      : (fetchPrograms(home, env) ?? findFault(home, env)?.text);
  if (outcome !== undefined) say(`no Prometheus; what needs it is left out: ${outcome}`);
  const missing = outcome ?? '';
  if ((readStamp(stampPath).prometheusMissing ?? '') === missing) return;
  addToStamp(stampPath, { prometheusMissing: missing });
}

/** @returns {string | undefined} why they could not be had */
function fetchPrograms(home, env) {
  const outcome = unpackDistributed(DISTRIBUTED, home, env);
  return outcome === 'made' ? undefined : outcome;
}

/** The first program that is not as it must be, by the variable that names it, and what is wrong. */
function findFault(home, env) {
  for (const [variable, name] of Object.entries(PROGRAMS)) {
    const { path, wrong } = locate({ variable, names: [name], own: join(home, 'bin', name) }, env);
    const text =
      wrong ?? (path === undefined ? `there is no ${name}` : versionFault(path, name, home, env));
    if (text !== undefined) return { variable, text };
  }
  return undefined;
}

function versionFault(path, key, home, env) {
  const expected = { key, pattern: /\bversion (\d+)\.(\d+)/, needed: VERSION_NEEDED };
  const { failed, tooOld } = checkVersion(path, expected, join(home, 'setup.json'), env);
  if (failed !== undefined) return `${path} does not run:\n${failed}`;
  if (tooOld === undefined) return undefined;
  return `${path} is ${tooOld}, and ${VERSION_NEEDED.join('.')} or later is needed`;
}
