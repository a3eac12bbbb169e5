import type { ContainerInspectInfo } from 'dockerode';
import type { ContainerFacts } from './container-facts.ts';

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
