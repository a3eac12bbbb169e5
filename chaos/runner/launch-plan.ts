import type { Launch } from '../drivers/fleet.ts';
import type { SignOfLife } from '../drivers/node-process.ts';
import type { InsideChannel } from '../inside/channel.ts';
import { wordsOf } from '../subject/foreign-worker.ts';
import { kindOfEach } from '../subject/subject.ts';
import type { SystemNodes } from '../subject/system.ts';
import type { JobsOnStage } from './jobs-on-stage.ts';
import type { Links } from './links.ts';
import { nodeEnvironment } from './node-environment.ts';
import { queueNames } from './queue-names.ts';
import type { StageOptions } from './stage.ts';

/** How the nodes of a run are started. */
export interface LaunchPlan {
  launchOf(node: string, incarnation: string): Launch;
  /** The nodes that never sent anything to Redis; of foreign workers alone this is watched. */
  readonly withoutTraffic: (() => readonly string[]) | undefined;
}

/** What nodes are started among. */
interface Surroundings {
  readonly links: Links;
  readonly inside: InsideChannel;
  readonly jobs: JobsOnStage;
}

/** Plans how each node is started, and what is watched of it. */
export function launchPlan(
  options: StageOptions,
  { links, inside, jobs }: Surroundings,
): LaunchPlan {
  const { plan, run, root, environment, subject } = options;
  const { settings } = plan;
  const { foreign } = settings;
  const kinds =
    subject && 'system' in subject
      ? kindOfEach(subject.system, plan.nodes)
      : new Map<string, SystemNodes>();
  const silent = new Set(plan.nodes);
  const names = queueNames(settings, run);

  /** The first command through its proxy shows that a node is there. */
  const commandSign = (node: string): SignOfLife | undefined => {
    const seen = links.firstCommandOf(node)?.then(() => {
      silent.delete(node);
      options.nudge();
    });
    return seen && { seen, missing: 'sent no command to Redis', advice: USE_REDIS_URL };
  };
  return {
    launchOf(node, incarnation) {
      const kind = kinds.get(node);
      const cwd = kind?.cwd ?? foreign?.cwd;
      // Watched in any case: it tells who ignores the Redis that was given.
      const bySending = foreign && commandSign(node);
      const sign = jobs.signOf?.({ name: node, incarnation }) ?? bySending;
      return {
        command: kind ? wordsOf(kind.command) : settings.workerCommand,
        ...(cwd === undefined ? {} : { cwd }),
        ...(foreign ? { endsWith: 'last' } : {}),
        ...(sign ? { sign } : {}),
        environment: nodeEnvironment(
          environment,
          settings,
          {
            ...links.serversOf(node),
            ...names,
            metricsPort: options.metricsPortOf(node),
            environment: kind?.env,
            inside: (nodeOptions) => inside.environment(nodeOptions),
          },
          { root, group: run },
          node,
          incarnation,
        ),
      };
    },
    // A system may have its jobs and its effects elsewhere.
    withoutTraffic: foreign && foreign.contract !== 'system' ? () => [...silent] : undefined,
  };
}

const USE_REDIS_URL =
  'It must connect to the URL in its environment variable REDIS_URL, or print a line @understudy {"event":"ready"}';
