import { join } from 'node:path';
import { isLibrary, unpackDistributed } from './debian.mjs';
import { checkVersion, locate } from './program.mjs';
import { say } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';

// The oldest that knows all of the style of a report.
const VERSION_NEEDED = [123, 0];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** @type {import('./debian.mjs').Distributed} */
const DISTRIBUTED = {
  title: 'Chromium',
  folder: 'chromium',
  versionNeeded: VERSION_NEEDED,
  // `usr/bin/chromium` is a script that looks for the browser where it would be installed.
  packages: [{ package: 'chromium', programs: { chromium: 'usr/lib/chromium/chromium' } }],
  isNeeded: (brought) => isLibrary(brought) || /^(fonts-|fontconfig-config$)/.test(brought.name),
};

/**
 * Sees to a Chromium for the tests of `report.html`: `CHROMIUM`, else one on PATH, else one of our own in
 * `.understudy/bin`, made from the distribution's package. Only tests need it, so a machine that cannot
 * have it is no trouble: what is in the way is said, and kept in the stamp as `chromiumMissing`.
 */
export function ensureChromium(home, env) {
  const stampPath = join(home, 'setup.json');
  const fault = findFault(home, env);
  const outcome =
    fault === undefined || env.CHROMIUM
      ? fault
      : (fetchChromium(home, env) ?? findFault(home, env));
  if (outcome !== undefined) say(`no Chromium; the tests of reports are left out: ${outcome}`);
  const missing = outcome ?? '';
  if ((readStamp(stampPath).chromiumMissing ?? '') === missing) return;
  addToStamp(stampPath, { chromiumMissing: missing });
}

/** @returns {string | undefined} why it could not be had */
function fetchChromium(home, env) {
  const outcome = unpackDistributed(DISTRIBUTED, home, env);
  return outcome === 'made' ? undefined : outcome;
}

/** @returns {string | undefined} what is wrong with the Chromium of this machine */
function findFault(home, env) {
  const own = join(home, 'bin', 'chromium');
  const { path, wrong } = locate({ variable: 'CHROMIUM', names: NAMES, own }, env);
  if (wrong !== undefined) return wrong;
  if (path === undefined) return 'there is no chromium';
  const expected = {
    key: 'chromium',
    pattern: /(?:Chromium|Chrome) (\d+)\.(\d+)/,
    needed: VERSION_NEEDED,
  };
  const { failed, tooOld } = checkVersion(path, expected, join(home, 'setup.json'), env);
  if (failed !== undefined) return `${path} does not run:\n${failed}`;
  if (tooOld === undefined) return undefined;
  return `${path} is ${tooOld}, and ${VERSION_NEEDED.join('.')} or later is needed`;
}
