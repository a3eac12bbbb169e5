// Judges the history at the path it is given: the process whose time and memory are measured.
import { systemClock } from '@understudy/runtime';
import { judgeFile } from 'understudy';

/** What it took to read and judge a history; starting up is not part of it. */
export interface JudgingAnswer {
  readonly status: string;
  readonly accepted: number;
  readonly takeovers: number;
  readonly seconds: number;
  /** Of which its core was busy: what is beyond is the machine's other work. */
  readonly busySeconds: number;
  readonly maxRssBytes: number;
}

const path = process.argv[2] ?? '';
const startMs = systemClock.monotonicMs();
const busyBefore = process.cpuUsage();
const { verdict } = await judgeFile(path);
const { user, system } = process.cpuUsage(busyBefore);
const answer: JudgingAnswer = {
  status: verdict.status,
  accepted: verdict.counts.accepted,
  takeovers: verdict.takeovers.length,
  seconds: (systemClock.monotonicMs() - startMs) / 1000,
  busySeconds: (user + system) / 1e6,
  maxRssBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(answer));
