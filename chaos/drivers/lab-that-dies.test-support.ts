import { openUndoJournal } from './undo-journal.ts';
import { systemTimers } from '@understudy/runtime';
import { startLinkProxy } from './link-proxy.ts';

/**
 * A process that starts a proxy as a lab does, says its pid and port, and waits to be killed.
 * Arguments: a directory for journal and log, and the URL of the Redis behind the proxy.
 */
const [directory = '', url = ''] = process.argv.slice(2);
const proxy = await startLinkProxy({
  node: 'node-1',
  servers: [{ name: 'data', url }],
  seed: 1,
  logPath: `${directory}/node-1.proxy.log`,
  journal: openUndoJournal(directory),
  timers: systemTimers,
  onFailure: () => undefined,
});
process.stdout.write(`${JSON.stringify({ pid: proxy.pid, url: proxy.urlOf('data') })}\n`);
