import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { messageOf, UnderstudyError } from '@understudy/runtime';
import { UserModuleUnusable } from '../errors.ts';

/**
 * Loads a module that a user wrote, JavaScript or TypeScript, as Node.js itself loads it.
 * @param what what it is to the user: `experiment`
 * @throws {UserModuleUnusable} when it is not there, cannot be parsed or resolved, or throws
 */
export async function loadUserModule(
  path: string,
  what: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) {
    throw new UserModuleUnusable(`the ${what} ${path} is not there. Is the path right?`);
  }
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw unusable(path, what, 'cannot be loaded', error);
  }
}

/**
 * What to say of an error in a user's module: where it happened, and what to do where that is known.
 * An error of the lab itself passes as it is: it says what is wrong with what it was given.
 */
export function unusable(path: string, what: string, how: string, error: unknown): Error {
  if (error instanceof UnderstudyError) return error;
  const told = [messageOf(error), placeIn(path, error), wayOut(error)].filter(Boolean);
  return new UserModuleUnusable(`the ${what} ${path} ${how}: ${told.join(' ')}`, { cause: error });
}

/** The line of the user's file that the error came from; for a syntax error Node puts it on top. */
function placeIn(path: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(path);
  const place = at < 0 ? undefined : /^:(\d+)/.exec(stack.slice(at + path.length))?.[1];
  return place === undefined ? '' : `(line ${place})`;
}

function wayOut(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'ERR_MODULE_NOT_FOUND') return 'Install what it imports, or correct the path.';
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return 'Node.js runs TypeScript by leaving the types out: no enum, no parameter property, no namespace.';
  }
  if (/import statement outside a module|Unexpected token 'export'/.test(String(message))) {
    return 'Call it .mts, or say "type": "module" in package.json.';
  }
  return '';
}
