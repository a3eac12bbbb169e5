// Judges the history at the path it is given: the process whose time and memory are measured.
import { judgeFile } from 'understudy';
import type { JudgingAnswer } from './judging.ts';

const path = process.argv[2] ?? '';
const { verdict } = await judgeFile(path);
const { user, system } = process.cpuUsage();
const answer: JudgingAnswer = {
  status: verdict.status,
  accepted: verdict.counts.accepted,
  takeovers: verdict.takeovers.length,
  busySeconds: (user + system) / 1e6,
  maxRssBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(answer));
