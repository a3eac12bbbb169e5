import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a repository: path from its root, with `/` between names, to text. */
export type Tree = ReadonlyMap<string, string>;

/** Something about the repository that no linter can hold. */
export interface Rule {
  /** What is so in a tidy repository, in plain words: the name of its test. */
  readonly claim: string;
  /** What is wrong, a line each: the path, and what to do about it. Pure. */
  findings(tree: Tree): string[];
  /** For each way to break the rule a smallest tree (path to text) that does so. */
  readonly offences: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The paths and texts of those files of `tree` whose path matches `pattern`. */
export function filesMatching(tree: Tree, pattern: RegExp): [path: string, text: string][] {
  return [...tree].filter(([path]) => pattern.test(path));
}

/** The folders of `tree`, without the root. */
export function foldersOf(tree: Tree): Set<string> {
  const folders = new Set<string>();
  for (const path of tree.keys()) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      folders.add(path.slice(0, end));
    }
  }
  return folders;
}

/** Source of the project itself: TypeScript that is neither a test nor a declaration file. */
export const SOURCES = /^(packages\/[^/]+\/src|chaos)\/(?!.*\.(test|test-support|d)\.ts$).*\.ts$/;

/** Files of tests. */
export const TESTS = /\.test\.ts$/;

/** Everything git tracks below `root`, and what it would track: new files that are not ignored. */
export function readTree(root: string): Tree {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const tree = new Map<string, string>();
  for (const path of listed.split('\0').filter(Boolean)) {
    const text = readIfThere(join(root, path));
    if (text !== undefined) tree.set(path, text);
  }
  return tree;
}

/** Undefined for a file that git still lists though it was deleted. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
