import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@understudy/runtime';
import type { Row } from './distribution.ts';
import { judging } from './judging.ts';
import { nodeEvidence } from './node-evidence.ts';
import { metrics } from './metrics.ts';
import { linkEvidence, proxyPing, proxyPipeline } from './proxy.ts';
import { stormActive, stormPassive } from './storm.ts';
import {
  inFlightTakeover,
  killTakeover,
  killTakeoverWithMetrics,
  type Progress,
  termTakeover,
} from './takeover.ts';
import { throughput } from './throughput.ts';

const BENCHES: Record<string, (progress: Progress) => Promise<Row>> = {
  kill: killTakeover,
  'kill-with-metrics': killTakeoverWithMetrics,
  term: termTakeover,
  'in-flight': inFlightTakeover,
  throughput,
  metrics,
  judging,
  'proxy-ping': proxyPing,
  'proxy-pipeline': proxyPipeline,
  'link-evidence': linkEvidence,
  'node-evidence': nodeEvidence,
  'storm-passive': stormPassive,
  'storm-active': stormActive,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0 || wanted.includes('--help')) {
  process.stderr.write(`usage: npm run bench [-- ${Object.keys(BENCHES).join(' | ')} …]\n`);
  process.exit(64);
}

const say: Progress = (line) => void process.stderr.write(`${line}\n`);
const rows: Row[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  say(`— ${name}`);
  try {
    rows.push(await bench(say));
  } catch (error) {
    say(`${name} could not be measured: ${messageOf(error)}`);
    process.exitCode = 70;
  }
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.version}`;
for (const row of rows) {
  process.stdout.write(
    `${row.held ? 'held  ' : 'MISSED'} ${row.what} (n = ${row.n})\n` +
      `         ours    ${row.ours}\n         peer    ${row.peer}\n` +
      `         ratio   ${row.ratio}\n         target  ${row.target}\n`,
  );
}
process.stdout.write(`machine: ${machine}\n`);
const directory = fileURLToPath(new URL('./', import.meta.url));
writeFileSync(`${directory}results.json`, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
