import { rmSync } from 'node:fs';
import { findPrometheusProgram } from '@understudy/telemetry';
import { expect, test } from 'vitest';
import { FreshClone } from './fresh-clone.ts';

const REDIS = 'echo "Redis server v=7.2.4 sha=0 malloc=libc bits=64 build=0"';
const WITH = ['--with', 'prometheus'];

/** A program that says which version it is, as Prometheus and promtool do. */
function version(number: string): string {
  return `echo "promtool, version ${number}+ds (branch: x, revision: y)"`;
}

// A distribution that offers Prometheus 2.42, which brings scripts for its pages and needs a library.
const APT = `case "$*" in
  *"-s --no-install-recommends install prometheus")
    echo "Inst libjs-d3 (3.5.17-4 Debian:12 [all])"
    echo "Inst libsystem1 (1.2-1 Debian:12 [amd64]) []"
    echo "Inst prometheus (2.42.0+ds-5 Debian:12, Debian-Security:12 [amd64])" ;;
  *" download "*) echo x > prometheus.deb ;;
  *" update") ;;
  *) exit 100 ;;
esac`;
const DPKG_DEB = `mkdir -p "$3/usr/bin"
for name in prometheus promtool; do
  printf '#!/bin/sh\\necho promtool, version 2.42.0\\n' > "$3/usr/bin/$name"
  chmod +x "$3/usr/bin/$name"
done`;

/** A clone with packages and Redis, on a machine whose distribution has a Prometheus. */
async function cloneOnDebian(): Promise<FreshClone> {
  const clone = await FreshClone.withPackages(REDIS);
  clone.program('apt-get', APT);
  clone.program('dpkg-deb', DPKG_DEB);
  return clone;
}

test('nothing is fetched unless it was asked for', async () => {
  using clone = await cloneOnDebian();
  expect(await clone.setup()).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(clone.calls).toEqual([]);
});

test("the distribution's Prometheus and promtool are unpacked, without what only its pages need", async () => {
  using clone = await cloneOnDebian();
  const { status, stdout, stderr } = await clone.setup({}, ...WITH);
  expect(stderr).toContain("unpacking the distribution's Prometheus");
  expect([status, stdout]).toEqual([0, '']);
  const download = clone.calls.find((call) => call.includes(' download '));
  expect(download).toMatch(/ download libsystem1 prometheus$/);
  for (const name of ['prometheus', 'promtool'] as const) {
    const own = clone.path('.understudy', 'bin', name);
    expect(findPrometheusProgram(name, clone.root, {})).toEqual({ path: own });
    expect((await clone.run(own, [])).stdout).toContain('version 2.42.0');
  }
});

test('a second setup does nothing and says nothing', async () => {
  using clone = await cloneOnDebian();
  await clone.setup({}, ...WITH);
  expect(await clone.setup({}, ...WITH)).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(clone.calls).toEqual([]);
});

test('those on PATH are taken', async () => {
  using clone = await cloneOnDebian();
  clone.program('prometheus', version('2.53.1'));
  clone.program('promtool', version('3.5.0'));
  expect(await clone.setup({}, ...WITH)).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(clone.calls).toEqual(['prometheus --version', 'promtool --version']);
});

test('a machine that cannot have it is set up all the same, and the reason is kept', async () => {
  using clone = await FreshClone.withPackages(REDIS);
  const { status, stderr } = await clone.setup({}, ...WITH);
  expect(status).toBe(0);
  expect(stderr).toContain('not a Debian or Ubuntu machine');
  expect(findPrometheusProgram('promtool', clone.root, {})).toEqual({
    missing: 'not a Debian or Ubuntu machine (no apt-get)',
  });
});

test('the reason is forgotten when it no longer holds', async () => {
  using clone = await FreshClone.withPackages(REDIS);
  await clone.setup({}, ...WITH);
  const programs = ['prometheus', 'promtool'].map((name) => clone.program(name, version('2.45.0')));
  await clone.setup({}, ...WITH);
  for (const path of programs) rmSync(path);
  expect(findPrometheusProgram('promtool', clone.root, {})).toEqual({
    missing: expect.stringContaining('setup did not look'),
  });
});

test('one that is too old is named with its version', async () => {
  using clone = await FreshClone.withPackages(REDIS);
  clone.program('prometheus', version('2.31.2'));
  clone.program('promtool', version('2.31.2'));
  clone.program('apt-get', APT.replace('2.42.0', '2.31.2'));
  clone.program('dpkg-deb', DPKG_DEB);
  const { status, stderr } = await clone.setup({}, ...WITH);
  expect(status).toBe(0);
  expect(stderr).toContain('no package of Prometheus 2.42 or later');
  const named = { PROMETHEUS: clone.path('machine', 'prometheus') };
  const told = await clone.setup(named, ...WITH);
  expect(told.stderr).toMatch(/machine\/prometheus is 2\.31, and 2\.42 or later is needed/);
});

test('a PROMTOOL that is no program is said, and nothing is fetched in its place', async () => {
  using clone = await cloneOnDebian();
  clone.program('prometheus', version('2.45.0'));
  const { status, stderr } = await clone.setup({ PROMTOOL: clone.path('nothing') }, ...WITH);
  expect(status).toBe(0);
  expect(stderr).toContain(`PROMTOOL is ${clone.path('nothing')}`);
  expect(clone.calls).toEqual(['prometheus --version']);
});

test.each([[['--with', 'grafana']], [['--with']], [['prometheus']]])(
  'a part that there is not is refused: %j',
  async (args) => {
    using clone = await cloneOnDebian();
    const { status, stderr } = await clone.setup({}, ...args);
    expect(status).toBe(69);
    expect(stderr).toContain('give --with one of: chromium, prometheus, postgresql, python-redis');
  },
);
