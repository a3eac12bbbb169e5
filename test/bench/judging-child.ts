// Judges the history at the path it is given: the process whose time and memory are measured.
import { systemClock } from '@understudy/runtime';
import { judgeFile } from 'understudy';
import type { JudgingAnswer } from './judging.ts';

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
