import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** What the scripts of setup, and the wrapper it makes, call besides what a test provides. */
const TOOLS = ['sh', 'env', 'dirname', 'pwd', 'mkdir', 'cat', 'chmod', 'id', 'ln', 'cp'];

/** What a program did. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A clone on a machine of which the test decides what is on its PATH: the shell and a few tools, and
 * stand-ins for npm, redis-server, apt-get and docker that write down how they were called.
 */
export class FreshClone implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'understudy-clone-'));
  readonly #bin = join(this.root, 'machine');
  readonly #calls = join(this.root, 'calls');

  constructor() {
    mkdirSync(this.#bin);
    writeFileSync(this.#calls, '');
    cpSync(join(REPOSITORY, 'scripts'), join(this.root, 'scripts'), { recursive: true });
    writeFileSync(join(this.root, 'package-lock.json'), '{"lockfileVersion":3}');
    for (const tool of TOOLS) symlinkSync(found(tool), join(this.#bin, tool));
  }

  /** The path of a file of the clone. */
  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  /** Puts a program on the machine's PATH: a shell script that first notes how it was called. */
  program(name: string, script: string): string {
    return this.programAt(join('machine', name), script);
  }

  /** The same anywhere in the clone. Returns its path. */
  programAt(path: string, script: string): string {
    const file = this.path(path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${this.#calls}'\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** An npm that installs a Node which says it is `version`. */
  npm(version = 'v24.9.9'): void {
    this.program(
      'npm',
      `mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho ${version}\\n' > node_modules/.bin/node
chmod +x node_modules/.bin/node`,
    );
  }

  /** A clone whose packages are there, and a machine that has a Redis, unless it is taken away. */
  static async withPackages(redis: string): Promise<FreshClone> {
    const clone = new FreshClone();
    clone.npm();
    clone.program('redis-server', redis);
    await clone.setup();
    return clone;
  }

  /** Runs setup, and forgets the calls noted before. */
  setup(env: Record<string, string> = {}, ...args: string[]): Promise<Ran> {
    writeFileSync(this.#calls, '');
    return this.run(process.execPath, [this.path('scripts', 'setup.mjs'), ...args], env);
  }

  /** Runs a program of the clone on this machine, from another directory than the clone. */
  async run(program: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
    const child = spawn(program, args, {
      cwd: tmpdir(),
      env: { PATH: this.#bin, HOME: this.root, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, ...printed };
  }

  /** How the stand-ins were called by the last setup, a line each. */
  get calls(): string[] {
    return readFileSync(this.#calls, 'utf8').split('\n').filter(Boolean);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function found(tool: string): string {
  const directory = ['/usr/bin', '/bin'].find((path) => exists(join(path, tool)));
  if (!directory) throw new Error(`these tests need ${tool} in /usr/bin or /bin`);
  return join(directory, tool);
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
