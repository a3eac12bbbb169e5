import { messageOf } from '@understudy/runtime';
import { startTimeOf } from '../../drivers/process-table.ts';
import { adviceHere } from '../../repository.ts';
import type { Finding } from './finding.ts';

const NODE_MAJOR = 24;
const FEWEST_FILES = 256;
const ENOUGH_FILES = 1024;

/** Node runs TypeScript files as they are, and disposes of what `using` names, from this version on. */
export function lookAtNode(version = process.versions.node): Finding {
  const found = `Node ${version}`;
  if (Number.parseInt(version, 10) >= NODE_MAJOR) return { subject: 'node', status: 'ok', found };
  const how = adviceHere(
    'Run `node scripts/setup.mjs`: npm installs it for this repository.',
    `Run \`npm install --save-dev node@${NODE_MAJOR}\`: the command starts again with that one.`,
  );
  const advice = `Node ${NODE_MAJOR} is needed. ${how}`;
  return { subject: 'node', status: 'problem', found, advice };
}

/** Faults are signals to process groups. */
export function lookAtPlatform(platform: NodeJS.Platform = process.platform): Finding {
  const found = `${platform} ${process.arch}`;
  if (platform === 'linux' || platform === 'darwin') {
    return { subject: 'platform', status: 'ok', found };
  }
  const advice = 'Faults need the signals of Linux or macOS. On Windows, use WSL 2.';
  return { subject: 'platform', status: 'problem', found, advice };
}

/** The evidence that a fault landed comes from the process table. */
export function lookAtProcessTable(): Finding {
  const subject = 'process table';
  const advice =
    'Without it no fault can be shown to have landed. Mount /proc (Linux) or install ps (macOS).';
  try {
    const readable = startTimeOf(process.pid) !== undefined;
    return readable
      ? { subject, status: 'ok', found: 'processes, their states and start times can be read' }
      : { subject, status: 'problem', found: 'this process is not in it', advice };
  } catch (error) {
    return { subject, status: 'problem', found: messageOf(error), advice };
  }
}

/** Each node holds some tens of sockets and pipes, and the lab's end of them. */
export function lookAtOpenFiles(limit = openFileLimit()): Finding {
  const subject = 'open files';
  if (limit === undefined) {
    const advice = 'If runs fail with EMFILE, raise it with `ulimit -n 4096`.';
    return { subject, status: 'warning', found: 'the limit could not be read', advice };
  }
  const found = `at most ${limit} a process`;
  if (limit >= ENOUGH_FILES) return { subject, status: 'ok', found };
  const advice = `Raise it in this shell with \`ulimit -n ${ENOUGH_FILES * 4}\`.`;
  return { subject, status: limit < FEWEST_FILES ? 'problem' : 'warning', found, advice };
}

function openFileLimit(): number | undefined {
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = report.userLimits?.open_files?.soft;
  if (soft === 'unlimited') return Infinity;
  return soft === undefined || Number.isNaN(Number(soft)) ? undefined : Number(soft);
}
