import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type as system } from 'node:os';
import process from 'node:process';

/** What a figure was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** Name and release. */
  readonly kernel: string;
  readonly node: string;
  /** As its `--version` has it. */
  readonly redis: string;
}

/** @param redisServer the redis-server that is measured with */
export function machineOf(redisServer: string): Machine {
  const said = execFileSync(redisServer, ['--version'], { encoding: 'utf8' });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${system()} ${release()}`,
    node: process.versions.node,
    redis: /\bv=(\S+)/.exec(said)?.[1] ?? said.trim(),
  };
}

/** The load average of the last minute. */
export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** In one line. */
export function describeMachine(machine: Machine): string {
  const { cpu, cores, memoryGib, kernel, node, redis } = machine;
  return `${cores} × ${cpu}, ${memoryGib} GiB, ${kernel}, Node ${node}, Redis ${redis}`;
}
