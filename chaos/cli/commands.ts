import type { AuditFlags } from './audit-command.ts';
import type { FaultFlags } from './fault-command.ts';
import type { ObserveFlags } from './observe-command.ts';
import type { FormFlags } from './option-values.ts';
import type { ReplayFlags } from './replay-command.ts';
import type { ReportFlags } from './report-command.ts';
import type { RunFlags } from './run-flags.ts';

/** What the commands do; the program only parses. Each resolves with the exit status. */
export interface Commands {
  run(experiments: readonly string[], flags: RunFlags): Promise<number>;
  compare(flags: RunFlags): Promise<number>;
  replay(run: string, flags: ReplayFlags): Promise<number>;
  check(history: string, flags: Pick<RunFlags, 'reporter'>): Promise<number>;
  report(runs: readonly string[], flags: ReportFlags): Promise<number>;
  audit(flags: AuditFlags): Promise<number>;
  fault(fault: string, target: string, flags: FaultFlags): Promise<number>;
  observe(flags: ObserveFlags): Promise<number>;
  init(directory: string): Promise<number>;
  list(flags: FormFlags): Promise<number>;
  doctor(flags: DoctorFlags): Promise<number>;
}

/** The options of `doctor`. */
export interface DoctorFlags extends FormFlags, Pick<RunFlags, 'redis' | 'lockRedis'> {
  readonly heal?: boolean;
}
