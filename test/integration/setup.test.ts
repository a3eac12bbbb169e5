import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { findRedisServer } from '@understudy/redis';
import { describe, expect, test } from 'vitest';
import { FreshClone } from './fresh-clone.ts';

const REDIS = 'echo "Redis server v=7.2.4 sha=0 malloc=libc bits=64 build=0"';
const OLD_REDIS = 'echo "Redis server v=6.0.16 sha=0 malloc=libc bits=64 build=0"';

// A distribution that offers redis-server 7.0.15, lacks one library, and has a newer C library.
const APT = `case "$*" in
  *"-s --no-install-recommends install redis-server")
    echo "Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])"
    echo "Inst libjemalloc2 (5.3.0-1 Debian:12 [amd64])"
    echo "Inst redis-server (5:7.0.15-1 Debian:12 [amd64])" ;;
  *" download "*) echo x > redis-server.deb ;;
  *" update") ;;
  *) exit 100 ;;
esac`;
const DPKG_DEB = `mkdir -p "$3/usr/bin" "$3/usr/lib/some-linux-gnu"
printf '#!/bin/sh\\necho "Redis server v=7.0.15 $LD_LIBRARY_PATH"\\n' > "$3/usr/bin/redis-server"
chmod +x "$3/usr/bin/redis-server"
echo x > "$3/usr/lib/some-linux-gnu/libjemalloc.so.2"`;

const DOCKER = `[ "$1" = run ] && ${REDIS}; exit 0`;

/** A clone whose packages are there, so that only Redis is of interest. */
async function cloneWithPackages(): Promise<FreshClone> {
  const clone = await FreshClone.withPackages(REDIS);
  rmSync(clone.path('machine', 'redis-server'));
  return clone;
}

describe('the packages', () => {
  test('a fresh clone installs them, and says so on standard error alone', async () => {
    using clone = new FreshClone();
    clone.npm();
    clone.program('redis-server', REDIS);
    const { status, stdout, stderr } = await clone.setup();
    expect(status).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('installing the packages');
    expect(clone.calls).toContain('npm ci --include=dev --no-audit --no-fund');
  });

  test('a second setup does nothing and says nothing', async () => {
    using clone = new FreshClone();
    clone.npm();
    clone.program('redis-server', REDIS);
    await clone.setup();
    expect(await clone.setup()).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(clone.calls).toEqual([]);
  });

  test('a changed lock file, or packages that are gone, install them again', async () => {
    using clone = new FreshClone();
    clone.npm();
    clone.program('redis-server', REDIS);
    await clone.setup();
    writeFileSync(clone.path('package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
    await clone.setup();
    expect(clone.calls.filter((call) => call.startsWith('npm ci'))).toHaveLength(1);
    rmSync(clone.path('node_modules'), { recursive: true });
    await clone.setup();
    expect(clone.calls.filter((call) => call.startsWith('npm ci'))).toHaveLength(1);
  });

  test('an installation that was cut short does not pass for a whole one', async () => {
    using clone = new FreshClone();
    clone.npm();
    clone.program('redis-server', REDIS);
    await clone.setup();
    // node_modules vanishes, and the next npm dies after it has put Node in place.
    rmSync(clone.path('node_modules'), { recursive: true });
    clone.program('npm', 'mkdir -p node_modules/.bin; cp "$0" node_modules/.bin/node; exit 1');
    expect((await clone.setup()).status).toBe(69);
    clone.npm();
    expect((await clone.setup()).status).toBe(0);
    expect(clone.calls.some((call) => call.startsWith('npm ci'))).toBe(true);
  });

  test('a registry out of reach ends it with status 69, what npm said, and what to do', async () => {
    using clone = new FreshClone();
    clone.program('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');
    const { status, stderr } = await clone.setup();
    expect(status).toBe(69);
    expect(stderr).toContain('npm error code ENOTFOUND');
    expect(stderr).toContain('npm ping');
  });

  test('a lock file that does not fit package.json is told from a registry out of reach', async () => {
    using clone = new FreshClone();
    clone.program('npm', 'echo "npm error code EUSAGE" >&2; exit 1');
    const { status, stderr } = await clone.setup();
    expect(status).toBe(69);
    expect(stderr).toContain('npm install');
    expect(stderr).not.toContain('npm ping');
  });

  test('where npm refused the install script of Node, setup runs it', async () => {
    using clone = new FreshClone();
    clone.program('redis-server', REDIS);
    clone.program('npm', 'mkdir -p node_modules/.bin node_modules/node/bin');
    clone.programAt('node-24', 'echo v24.9.9');
    mkdirSync(clone.path('node_modules', 'node'), { recursive: true });
    writeFileSync(
      clone.path('node_modules', 'node', 'installArchSpecificPackage.js'),
      `require('node:fs').copyFileSync('${clone.path('node-24')}', 'bin/node');`,
    );
    const { status, stderr } = await clone.setup();
    expect(stderr).toContain('npm did not run the install script');
    expect(status).toBe(0);
  });

  test('a Node that does not run here is trouble, not a success', async () => {
    using clone = new FreshClone();
    clone.npm('v22.0.0');
    clone.program('redis-server', REDIS);
    const { status, stderr } = await clone.setup();
    expect(status).toBe(69);
    expect(stderr).toContain('Node 24');
  });
});

describe('Redis', () => {
  test('one that REDIS_SERVER names is taken', async () => {
    using clone = await cloneWithPackages();
    const redis = clone.programAt('elsewhere/my-redis', REDIS);
    expect((await clone.setup({ REDIS_SERVER: redis })).status).toBe(0);
    expect(clone.calls).toEqual(['my-redis --version']);
  });

  test('a REDIS_SERVER that is no program is refused, whatever else there is', async () => {
    using clone = await cloneWithPackages();
    clone.program('redis-server', REDIS);
    const { status, stderr } = await clone.setup({ REDIS_SERVER: clone.path('nothing') });
    expect(status).toBe(69);
    expect(stderr).toContain(`REDIS_SERVER is ${clone.path('nothing')}`);
  });

  test.each(['redis-server', 'valkey-server'])('%s on PATH is taken', async (name) => {
    using clone = await cloneWithPackages();
    clone.program(name, REDIS);
    expect(await clone.setup()).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(clone.calls).toEqual([`${name} --version`]);
  });

  test('one that is too old is refused by its version', async () => {
    using clone = await cloneWithPackages();
    clone.program('redis-server', OLD_REDIS);
    const { status, stderr } = await clone.setup();
    expect(status).toBe(69);
    expect(stderr).toMatch(/is Redis 6\.0; Understudy needs 7\.0 or later/);
  });

  test("the distribution's is unpacked, with the libraries that are missing here", async () => {
    using clone = await cloneWithPackages();
    clone.program('apt-get', APT);
    clone.program('dpkg-deb', DPKG_DEB);
    const { status, stderr } = await clone.setup();
    expect(stderr).toContain('unpacking');
    expect(status).toBe(0);
    const download = clone.calls.find((call) => call.includes(' download '));
    expect(download).toMatch(/ download libjemalloc2 redis-server$/);
    expect(clone.calls.every((call) => !call.startsWith('apt-get install'))).toBe(true);

    const own = clone.path('.understudy', 'bin', 'redis-server');
    const ran = await clone.run(own, ['--version']);
    expect(ran.stdout.trim()).toBe(
      `Redis server v=7.0.15 ${clone.path('.understudy', 'redis', 'usr', 'lib', 'some-linux-gnu')}`,
    );
  });

  test('what an interrupted unpacking left behind does not disturb the next', async () => {
    using clone = await cloneWithPackages();
    clone.program('apt-get', APT);
    clone.program('dpkg-deb', `${DPKG_DEB}\nkill -9 $PPID`);
    expect((await clone.setup()).status).not.toBe(0);
    expect(findRedisServer(clone.root, {})).toBeUndefined();
    clone.program('dpkg-deb', DPKG_DEB);
    expect((await clone.setup()).status).toBe(0);
    expect(findRedisServer(clone.root, {})?.source).toBe('setup');
  });

  test("where the distribution's is too old, a container stands in", async () => {
    using clone = await cloneWithPackages();
    clone.program('apt-get', APT.replace('5:7.0.15', '5:6.0.16'));
    clone.program('dpkg-deb', DPKG_DEB);
    clone.program('docker', DOCKER);
    const { status, stderr } = await clone.setup();
    expect(stderr).toContain('no package of Redis 7.0 or later');
    expect(status).toBe(0);
    expect(clone.calls).toContain('docker info');
  });

  test('the container publishes its port on the loopback interface and keeps its data', async () => {
    using clone = await cloneWithPackages();
    clone.program('docker', DOCKER);
    expect((await clone.setup({ REDIS_IMAGE: 'registry.test/redis:8' })).status).toBe(0);
    const own = clone.path('.understudy', 'bin', 'redis-server');
    const directory = clone.path('scripts');
    await clone.run(own, ['--port', '7001', '--bind', '127.0.0.1', '--dir', directory]);
    const call = clone.calls.at(-1) ?? '';
    expect(call).toContain('--publish 127.0.0.1:7001:7001');
    expect(call).toContain(`--volume ${directory}:${directory}`);
    expect(call).toMatch(
      /--entrypoint redis-server registry\.test\/redis:8 --port 7001 --bind 127\.0\.0\.1 --dir \S+ --dir \S+ --bind 0\.0\.0\.0 --protected-mode no$/,
    );
  });

  test('nowhere to be had: one message with what was tried and the ways out', async () => {
    using clone = await cloneWithPackages();
    clone.program('apt-get', 'echo "W: Failed to fetch the list" >&2; exit 100');
    clone.program('dpkg-deb', DPKG_DEB);
    clone.program('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    const { status, stderr } = await clone.setup();
    expect(status).toBe(69);
    expect(stderr).toContain('none on PATH');
    expect(stderr).toContain('W: Failed to fetch the list');
    expect(stderr).toContain('Cannot connect to the Docker daemon');
    expect(stderr).toContain('set REDIS_SERVER');
  });
});

describe('setup and the launcher agree on', () => {
  const places = ['REDIS_SERVER', 'PATH', 'setup'] as const;

  test.each(places)('a Redis from %s, when there is none from a place before it', async (place) => {
    using clone = await cloneWithPackages();
    const env: Record<string, string> = { PATH: clone.path('machine') };
    // Every place from this one on has a Redis of its own.
    const own = clone.programAt('.understudy/bin/redis-server', REDIS);
    const expected = { REDIS_SERVER: clone.path('given'), PATH: '', setup: own };
    if (place !== 'setup') expected.PATH = clone.program('valkey-server', REDIS);
    if (place === 'REDIS_SERVER') {
      env.REDIS_SERVER = clone.programAt('given', REDIS);
    }
    expect(findRedisServer(clone.root, env)).toEqual({ path: expected[place], source: place });
    await clone.setup(env);
    const name = expected[place].slice(expected[place].lastIndexOf('/') + 1);
    expect(clone.calls).toEqual([`${name} --version`]);
  });
});
