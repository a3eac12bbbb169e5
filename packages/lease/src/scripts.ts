import { loadScript, type Script, scriptOf } from '@understudy/redis';

const read = (name: string): string =>
  loadScript(new URL(`./scripts/${name}.lua`, import.meta.url)).text;

/** A script put together from several files, and constants before them. */
function script(...parts: readonly string[]): Script {
  return scriptOf(parts.join('\n'));
}

/** The lease's scripts. The first three run through redlock; the files say what each does. */
export interface LeaseScripts {
  readonly acquire: Script;
  readonly extend: Script;
  readonly release: Script;
  readonly probe: Script;
  readonly beat: Script;
  readonly depose: Script;
  readonly reportFalseTakeover: Script;
}

/**
 * Reads the scripts. redlock hands the acquire script a value and a duration and nothing else, so
 * the grace period is part of its text: a number from validated settings, the same for a group.
 */
export function leaseScripts(graceMs: number): LeaseScripts {
  const standing = read('standing');
  const now = read('now');
  const entry = `${now}\n${read('entry')}`;
  return {
    acquire: script(`local graceMs = ${graceMs}`, standing, entry, read('acquire')),
    extend: script(entry, read('extend')),
    release: script(read('release')),
    probe: script(standing, now, read('probe')),
    beat: script(now, read('beat')),
    depose: script(read('depose')),
    reportFalseTakeover: script(read('report-false-takeover')),
  };
}
