import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { planStarter } from '../init/plan.ts';
import { readTemplates, writeStarter } from '../init/write.ts';
import { hanging } from '../report/layout.ts';
import { versions } from '../runner/versions.ts';
import { EXIT } from './exit-status.ts';
import { pageOf, print, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/**
 * `understudy init`: writes a config, a worker, an experiment and a test that pass as they stand into an
 * existing package, and says what to do next. package.json stays as it is.
 * @param directory of the package, seen from where the command is called
 * @returns the exit status
 * @throws {UsageError} where there is no package
 * @throws {StarterNotWritten} @throws {UserModuleUnusable}
 */
export function initCommand(directory: string, terminal: Terminal): number {
  const root = resolve(terminal.cwd, directory);
  const manifest = join(root, 'package.json');
  if (!existsSync(manifest)) {
    throw new UsageError(
      `there is no package.json in ${root}. Run \`npm init -y\` there first, or name the directory of a package: understudy init <directory>`,
    );
  }
  const { understudy: version = '' } = versions();
  const plan = planStarter(readFileSync(manifest, 'utf8'), readTemplates(), version);
  writeStarter(root, plan.files);
  const page = pageOf(terminal.stdout, terminal.environment);
  const width = Math.max(...plan.files.map(({ path }) => path.length));
  const elsewhere = relative(terminal.cwd, root);
  print(terminal, [
    ...plan.files.map(({ path, what }) => `wrote ${path.padEnd(width)}  ${what}`),
    '',
    ...hanging('', 'Nothing else was changed. What to do next:', page.columns),
    // Commands are there to be copied: they are not broken.
    ...(elsewhere === '' ? [] : [`  cd ${elsewhere}`]),
    ...plan.next.map((command) => `  ${command}`),
    ...hanging('', 'Runs are kept in .understudy/: have your .gitignore name it.', page.columns),
  ]);
  return EXIT.pass;
}
