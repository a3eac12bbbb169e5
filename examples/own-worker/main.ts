// Starts one node of the worker beside this file: `node examples/own-worker/main.ts`. Its settings
// come from the environment, see docs/whats-here.md.
import { settingsFromEnvironment, startWorker, type WorkerEvent } from '@understudy/worker';
import payments from './worker.ts';

const worker = startWorker(payments, {
  settings: settingsFromEnvironment(process.env),
  report: (event: WorkerEvent) => console.log(`@understudy ${JSON.stringify(event)}`),
});
process.once('SIGTERM', () => void worker.stop());
await worker.done;
