import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DockerEngineUnfit } from '../errors.ts';

/** What a program that was run to its end has said, and how it ended. */
interface Ended {
  readonly ok: boolean;
  readonly stdout: string;
  /** The last lines of both outputs, for a message. */
  readonly lastLines: string;
}

/** A container of the project, as the engine lists it. */
export interface ServiceStatus {
  readonly service: string;
  /** `Up 4 seconds (healthy)`. */
  readonly status: string;
}

/** A compose project that can be brought up and taken down. */
export interface Compose {
  /** The services of the file. */
  services(): Promise<readonly string[]>;
  /**
   * Builds what has to be built, and starts `services` with what they depend on.
   * @throws {DockerEngineUnfit} naming the images that cannot be had
   */
  up(services: readonly string[]): Promise<void>;
  /** Removes containers, networks and volumes of the project. */
  down(): Promise<void>;
  /** The containers that there are. */
  statuses(): Promise<readonly ServiceStatus[]>;
  /** What the user types to see what a service says. */
  logsCommand(service: string): string;
}

/** What it takes to use compose. */
export interface ComposeOptions {
  readonly file: string;
  readonly project: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told each line that compose prints. */
  say(line: string): void;
}

const LAST_LINES = 6;

/**
 * Finds compose: the plugin of `docker`, else `docker-compose`.
 * @throws {DockerEngineUnfit} when there is neither
 */
export async function openCompose(options: ComposeOptions): Promise<Compose> {
  const { file, project, environment, say } = options;
  const tell = (): void => undefined;
  const words = (await run(['docker', 'compose', 'version'], environment, tell)).ok
    ? ['docker', 'compose']
    : ['docker-compose'];
  if (words.length === 1 && !(await run(['docker-compose', 'version'], environment, tell)).ok) {
    throw new DockerEngineUnfit(
      'neither `docker compose` nor `docker-compose` runs here: install Docker with its compose plugin.',
    );
  }
  const all = [...words, '-p', project, '-f', file];
  return {
    async services() {
      const { ok, stdout, lastLines } = await run(
        [...all, 'config', '--services'],
        environment,
        tell,
      );
      if (!ok) throw new DockerEngineUnfit(`compose cannot read ${file}:\n${lastLines}`);
      return stdout.split('\n').filter(Boolean);
    },
    async up(services) {
      const { ok, lastLines } = await run(
        [...all, 'up', '--detach', '--build', ...services],
        environment,
        say,
      );
      if (ok) return;
      const missing = await missingImages(file, environment);
      const told = missing.map(({ image, variable }) => `${image} (set ${variable} to another)`);
      throw new DockerEngineUnfit(
        `compose could not start the project ${project}:\n${lastLines}${told.length === 0 ? '' : `\nNot on this machine: ${told.join(', ')}.`}`,
      );
    },
    async down() {
      await run([...all, 'down', '--volumes', '--remove-orphans'], environment, say);
    },
    async statuses() {
      const filter = `label=com.docker.compose.project=${project}`;
      const format = '{{.Label "com.docker.compose.service"}}\t{{.Status}}';
      const { stdout } = await run(
        ['docker', 'ps', '--all', '--filter', filter, '--format', format],
        environment,
        tell,
      );
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const [service = '', status = ''] = line.split('\t');
          return { service, status };
        });
    },
    logsCommand: (service) => `${words.join(' ')} -p ${project} logs ${service}`,
  };
}

/** Images that the file names by a variable with a default, as far as this machine lacks them. */
async function missingImages(
  file: string,
  environment: ComposeOptions['environment'],
): Promise<readonly { readonly variable: string; readonly image: string }[]> {
  const named = readFileSync(file, 'utf8').matchAll(/\$\{(\w+_IMAGE):-([^}]+)\}/g);
  const missing = [];
  for (const [, variable = '', byDefault = ''] of named) {
    const image = environment[variable] ?? byDefault;
    const { ok } = await run(['docker', 'image', 'inspect', image], environment, () => undefined);
    if (!ok) missing.push({ variable, image });
  }
  return missing;
}

function run(
  [program = '', ...words]: readonly string[],
  environment: ComposeOptions['environment'],
  say: (line: string) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    // In a group of its own: Ctrl-C is the lab's to answer, and compose is told by it.
    const child = spawn(program, words, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const last: string[] = [];
    let stdout = '';
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() === '') return;
        last.push(line);
        if (last.length > LAST_LINES) last.shift();
        say(line);
      });
    }
    const end = (ok: boolean): void => resolve({ ok, stdout, lastLines: last.join('\n') });
    child.once('error', () => end(false));
    child.once('close', (code) => end(code === 0));
  });
}
