/** How a container is, as the engine says. */
export interface ContainerState {
  /** `running`, `paused`, `exited`, … */
  readonly status: string;
  readonly running: boolean;
  readonly paused: boolean;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** On the machine of the engine; 0 when it does not run. */
  readonly pid: number;
  /** ISO 8601, to the nanosecond: tells one start of it from the next. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** The place of a container in a network. */
export interface ContainerNetwork {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly aliases: readonly string[];
  /** The address that was configured for it, if one was. */
  readonly configuredAddress: string | undefined;
}

/** What is known of a container: what `docker inspect` shows, as far as the lab uses it. */
export interface ContainerFacts {
  readonly id: string;
  /** `understudy_passive-1_1`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly tty: boolean;
  readonly state: ContainerState;
  /** Where its ports are published, by `6379/tcp`. */
  readonly published: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly networks: readonly ContainerNetwork[];
}
