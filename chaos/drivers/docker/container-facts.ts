import type { ContainerInspectInfo } from 'dockerode';

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

/** The facts in the engine's answer. */
export function factsOf(info: ContainerInspectInfo): ContainerFacts {
  const { State, Config, NetworkSettings } = info;
  const published = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) => {
    const first = bindings?.[0];
    if (!first) return [];
    const host = ['', '0.0.0.0', '::'].includes(first.HostIp) ? '127.0.0.1' : first.HostIp;
    return [[port, { host, port: Number(first.HostPort) }] as const];
  });
  const networks = Object.entries(NetworkSettings.Networks ?? {}).map(([name, network]) => {
    const { IPv4Address } = (network.IPAMConfig ?? {}) as { IPv4Address?: string };
    return {
      id: network.NetworkID,
      name,
      address: network.IPAddress,
      aliases: (network.Aliases ?? []) as readonly string[],
      configuredAddress: IPv4Address,
    };
  });
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    labels: Config.Labels ?? {},
    environment: environmentOf(Config.Env ?? []),
    tty: Config.Tty,
    state: {
      status: State.Status,
      running: State.Running,
      paused: State.Paused,
      exitCode: State.ExitCode,
      oomKilled: State.OOMKilled,
      pid: State.Pid,
      startedAt: State.StartedAt,
      finishedAt: State.FinishedAt,
    },
    published: Object.fromEntries(published),
    networks,
  };
}

function environmentOf(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const cut = entry.indexOf('=');
      return cut === -1 ? [entry, ''] : [entry.slice(0, cut), entry.slice(cut + 1)];
    }),
  );
}
