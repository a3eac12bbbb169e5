// `node test/setup/one-file/run.ts <program> [argument …]` runs a program whose nodes load the
// repository's worker from one file, and ends as that program does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { workerInOneFile } from './worker-in-one-file.ts';

const [program, ...args] = process.argv.slice(2);
if (!program) {
  process.stderr.write('usage: node test/setup/one-file/run.ts <program> [argument …]\n');
  process.exit(64);
}
await using worker = await workerInOneFile(process.env.NODE_OPTIONS);
const child = spawn(program, args, {
  env: { ...process.env, ...worker.environment },
  stdio: 'inherit',
});
// Ctrl-C reaches the program from the terminal; told twice it would leave at once.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
const [code] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
process.exitCode = code ?? 70;
