import type { Rule } from '../tree.ts';

/**
 * Checksums pin what is installed; from which registry it comes is each machine's own affair. And
 * it pins the binaries of every platform: npm leaves out what the registry lacked when the lock
 * file was written, and then `npm ci` refuses the file everywhere.
 */
export const neutralLockFile: Rule = {
  claim: 'the lock file pins everything for every platform, and names no registry',
  findings(tree) {
    const lock = tree.get('package-lock.json') ?? '{}';
    const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, Locked> };
    return Object.entries(packages).flatMap(([path, locked]) => {
      if (!path.includes('node_modules/') || locked.link) return [];
      const faults = Object.keys(locked.optionalDependencies ?? {})
        .filter((name) => !placesOf(name, path).some((place) => place in packages))
        .map((name) => `lacks ${name}: pin a version of it that the registry has in full`);
      if (locked.resolved) faults.push(`names ${locked.resolved}`);
      if (!locked.version || !locked.integrity) faults.push('is not pinned');
      return faults.map((fault) => `package-lock.json: ${path} ${fault}`);
    });
  },
  offences: {
    'a registry': lockWith({ version: '1.0.0', integrity: 'sha512-x', resolved: 'https://a.test' }),
    'no version': lockWith({ integrity: 'sha512-x' }),
    'no checksum': lockWith({ version: '1.0.0' }),
    'a platform left out': lockWith({
      version: '1.0.0',
      integrity: 'sha512-x',
      optionalDependencies: { 'a-darwin-arm64': '1.0.0' },
    }),
  },
};

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Where npm may have put the dependency `name` of the package at `path`: in it, or further up. */
function placesOf(name: string, path: string): string[] {
  const places: string[] = [];
  for (let end = path.length; end > 0; end = path.lastIndexOf('/node_modules/', end - 1)) {
    places.push(`${path.slice(0, end)}/node_modules/${name}`);
  }
  return [...places, `node_modules/${name}`];
}

function lockWith(locked: Locked): Record<string, string> {
  return { 'package-lock.json': JSON.stringify({ packages: { 'node_modules/a': locked } }) };
}
