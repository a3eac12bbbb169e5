import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { messageOf, UnderstudyError } from '@understudy/runtime';
import type { SystemUnusable, UserModuleUnusable } from './errors.ts';

/** A kind of module that a user writes. */
export interface UserModuleKind {
  /** What it is to the user: `experiment`. */
  readonly name: string;
  /** What is thrown where one is of no use. */
  readonly Unusable: typeof SystemUnusable | typeof UserModuleUnusable;
}

/**
 * Loads a module that a user wrote, JavaScript or TypeScript, as Node.js itself loads it.
 * @throws {UserModuleUnusable} or what its kind has in place of it: when it is not there, cannot be
 * parsed or resolved, or throws
 */
export async function loadUserModule(
  path: string,
  kind: UserModuleKind,
): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) {
    throw new kind.Unusable(`there is no ${kind.name} ${path}. Is the path right?`);
  }
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw unusable(path, kind, 'cannot be loaded', error);
  }
}

/**
 * What to say of an error in a user's module: where it happened, and what to do where that is known.
 * An error of the lab itself says all there is to say of what it was given, but where.
 */
export function unusable(path: string, kind: UserModuleKind, how: string, error: unknown): Error {
  if (isOfTheLab(error)) return new kind.Unusable(`${path}: ${error.message}`, { cause: error });
  const what = `${messageOf(error).replace(/\.$/, '')}${placeIn(path, error)}`;
  const told = [what, ...wayOut(error)].join('. ');
  return new kind.Unusable(`the ${kind.name} ${path} ${how}: ${told}`, { cause: error });
}

/** Also by its code, because the module may have another copy of this package. */
function isOfTheLab(error: unknown): error is Error {
  if (error instanceof UnderstudyError) return true;
  return error instanceof Error && 'code' in error && error.code === 'SYSTEM_UNUSABLE';
}

/** The line of the user's file that the error came from; for a syntax error Node puts it on top. */
function placeIn(path: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(path);
  const place = at < 0 ? undefined : /^:(\d+)/.exec(stack.slice(at + path.length))?.[1];
  return place === undefined ? '' : ` (line ${place})`;
}

const MEND_SYNTAX = 'Correct the syntax there.';
const WAYS_OUT: Readonly<Record<string, string>> = {
  ERR_MODULE_NOT_FOUND: 'Install what it imports, or correct the path (with its ending, .ts).',
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node.js runs TypeScript by leaving the types out: no enum, no parameter property, no namespace.',
  ERR_INVALID_TYPESCRIPT_SYNTAX: MEND_SYNTAX,
  ERR_UNKNOWN_FILE_EXTENSION: 'Call it .ts, .mts, .js or .mjs.',
};

/** What to do, where that is known. */
function wayOut(error: unknown): string[] {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (/import statement outside a module|Unexpected token 'export'/.test(String(message))) {
    return ['Call it .mts, or say "type": "module" in package.json.'];
  }
  const known = WAYS_OUT[String(code)];
  if (known !== undefined) return [known];
  return error instanceof SyntaxError ? [MEND_SYNTAX] : [];
}
