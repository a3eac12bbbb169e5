import type { Rule } from '../tree.ts';

/** Checksums pin what is installed; from which registry it comes is each machine's own affair. */
export const neutralLockFile: Rule = {
  claim: 'the lock file pins versions and checksums, and names no registry',
  findings(tree) {
    const lock = tree.get('package-lock.json') ?? '{}';
    const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, Locked> };
    return Object.entries(packages).flatMap(([path, locked]) => {
      if (!path.includes('node_modules/') || locked.link) return [];
      if (locked.resolved) return [`package-lock.json: ${path} names ${locked.resolved}`];
      return locked.version && locked.integrity ? [] : [`package-lock.json: ${path} is not pinned`];
    });
  },
  offences: {
    'a registry': lockWith({ version: '1.0.0', integrity: 'sha512-x', resolved: 'https://a.test' }),
    'no version': lockWith({ integrity: 'sha512-x' }),
    'no checksum': lockWith({ version: '1.0.0' }),
  },
};

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

function lockWith(locked: Locked): Record<string, string> {
  return { 'package-lock.json': JSON.stringify({ packages: { 'node_modules/a': locked } }) };
}
