import { join } from 'node:path';
import { randomId, systemClock, systemTimers } from '@understudy/runtime';
import { hanging } from '../report/layout.ts';
import { observe } from '../observe/observe.ts';
import { repository } from '../repository.ts';
import { EXIT } from './exit-status.ts';
import { interruption } from './interruption.ts';
import { findRoot } from './root.ts';
import { DEFAULT_PROJECT, type RunFlags } from './run-flags.ts';
import { pageOf, print, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The options of `observe`, as commander gives them. */
export interface ObserveFlags extends Pick<RunFlags, 'project'> {
  /** `--without-grafana` */
  readonly withoutGrafana?: boolean;
  /** In seconds. */
  readonly every?: number;
}

const EVERY_SECONDS = 20;

/**
 * `understudy observe`: the compose project of the repository, and failovers in it until Ctrl-C.
 * @returns the exit status: pass when it was asked to end and took everything down
 * @throws {UsageError} when there is no repository: its compose file and dashboards are not packed
 */
export async function observeCommand(flags: ObserveFlags, terminal: Terminal): Promise<number> {
  const home = repository();
  if (home === undefined) {
    throw new UsageError(
      'observe brings up the containers and dashboards of the repository of Understudy, and they are not part of the package. Call it in a clone of the repository; or watch a run here with `understudy run kill-leader --prometheus`.',
    );
  }
  const page = pageOf(terminal.stdout, terminal.environment);
  // An address is not broken: it is there to be opened.
  const say = (text: string): void =>
    print(terminal, text.includes('http://') ? [text] : hanging('', text, page.columns));
  using interrupted = interruption(() => say('ending …'), systemClock);
  await observe({
    file: join(home, 'docker-compose.yml'),
    project: flags.project ?? DEFAULT_PROJECT,
    root: findRoot(terminal.cwd),
    withoutGrafana: flags.withoutGrafana === true,
    everyMs: (flags.every ?? EVERY_SECONDS) * 1000,
    environment: terminal.environment,
    signal: interrupted.signal,
    say,
    ...{ clock: systemClock, timers: systemTimers, newId: randomId },
  });
  return EXIT.pass;
}
