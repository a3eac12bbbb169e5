import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FreshClone } from './fresh-clone.ts';

const REDIS = 'echo "Redis server v=7.2.4 sha=0 malloc=libc bits=64 build=0"';

// A distribution that offers PostgreSQL 15 (a package that brings the real one) and Python's redis.
const APT = `case "$*" in
  *"-s --no-install-recommends install postgresql")
    echo "Inst postgresql-common (248+deb12u1 Debian:12 [all])"
    echo "Inst libpq5 (15.6-0 Debian:12 [amd64])"
    echo "Inst postgresql-15 (15.6-0 Debian:12 [amd64])"
    echo "Inst postgresql (15+248+deb12u1 Debian:12 [all])" ;;
  *"-s --no-install-recommends install python3-redis")
    echo "Inst python3-minimal (3.11.2-1 Debian:12 [amd64])"
    echo "Inst python3-wrapt (1.14.1-2 Debian:12 [amd64])"
    echo "Inst python3-redis (4.3.4-3 Debian:12 [all])" ;;
  *" download "*) echo x > archive.deb ;;
  *" update") ;;
  *) exit 100 ;;
esac`;
const DPKG_DEB = `mkdir -p "$3/usr/lib/postgresql/15/bin" "$3/usr/lib/python3/dist-packages/redis"
for name in initdb postgres; do
  printf '#!/bin/sh\\necho "%s (PostgreSQL) 15.6"\\n' $name > "$3/usr/lib/postgresql/15/bin/$name"
  chmod +x "$3/usr/lib/postgresql/15/bin/$name"
done`;

/** Of the machine's own PostgreSQL, which setup looks for beside PATH, a test must not depend. */
const NONE_BESIDE_PATH = { UNDERSTUDY_POSTGRESQL_VERSIONS: '/nowhere' };

async function cloneOnDebian(): Promise<FreshClone> {
  const clone = await FreshClone.withPackages(REDIS);
  clone.program('apt-get', APT);
  clone.program('dpkg-deb', DPKG_DEB);
  return clone;
}

const factsOf = (clone: FreshClone): Record<string, string> =>
  JSON.parse(readFileSync(clone.path('.understudy', 'setup.json'), 'utf8')) as Record<
    string,
    string
  >;

test("the distribution's PostgreSQL is unpacked, whatever its version calls its folder", async () => {
  using clone = await cloneOnDebian();
  const { status, stderr } = await clone.setup(NONE_BESIDE_PATH, '--with', 'postgresql');
  expect([status, stderr]).toEqual([0, expect.stringContaining("the distribution's PostgreSQL")]);
  expect(clone.calls.find((call) => call.includes(' download '))).toMatch(
    / download libpq5 postgresql-15 postgresql$/,
  );
  for (const name of ['initdb', 'postgres']) {
    const own = clone.path('.understudy', 'bin', name);
    expect((await clone.run(own, ['--version'])).stdout).toContain('15.6');
  }
  expect(await clone.setup(NONE_BESIDE_PATH, '--with', 'postgresql')).toMatchObject({ stderr: '' });
  expect(clone.calls).toEqual([]);
});

test('a PostgreSQL on PATH is taken, and one that is too old is said to be', async () => {
  using clone = await cloneOnDebian();
  clone.program('initdb', 'echo "initdb (PostgreSQL) 16.1"');
  clone.program('postgres', 'echo "postgres (PostgreSQL) 16.1"');
  expect(await clone.setup(NONE_BESIDE_PATH, '--with', 'postgresql')).toMatchObject({ stderr: '' });
  clone.program('postgres', 'echo "postgres (PostgreSQL) 9.6"; true # another size');
  const { status, stderr } = await clone.setup(NONE_BESIDE_PATH, '--with', 'postgresql');
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining('is 9.6, and 13 or later is needed'),
  ]);
  expect(factsOf(clone).postgresqlMissing).toContain('9.6');
});

/** A Python that has the package, or finds it where PYTHONPATH says. */
const PYTHON =
  'case "$PYTHONPATH" in *dist-packages) [ -d "$PYTHONPATH/redis" ] ;; *) exit 1 ;; esac';

test("the modules of Python's redis are unpacked, and no Python", async () => {
  using clone = await cloneOnDebian();
  clone.program('python3', PYTHON);
  const { status, stderr } = await clone.setup({}, '--with', 'python-redis');
  expect([status, stderr]).toEqual([0, expect.stringContaining('redis package for Python')]);
  expect(clone.calls.find((call) => call.includes(' download '))).toMatch(
    / download python3-wrapt python3-redis$/,
  );
  expect(await clone.setup({}, '--with', 'python-redis')).toMatchObject({ stderr: '' });
  expect(clone.calls.filter((call) => call.startsWith('apt-get'))).toEqual([]);
});

test('a Python that has it already is left alone', async () => {
  using clone = await cloneOnDebian();
  clone.program('python3', 'exit 0');
  expect(await clone.setup({}, '--with', 'python-redis')).toMatchObject({ status: 0, stderr: '' });
  expect(clone.calls).toEqual(['python3 -c import redis']);
});

test('a machine without any of it is set up all the same, and the reasons are kept', async () => {
  using clone = await FreshClone.withPackages(REDIS);
  const parts = ['--with', 'postgresql', '--with', 'python-redis'];
  const { status, stderr } = await clone.setup(NONE_BESIDE_PATH, ...parts);
  expect(status).toBe(0);
  expect(stderr).toContain('no PostgreSQL; what needs it is left out: not a Debian or Ubuntu');
  expect(factsOf(clone)).toMatchObject({
    postgresqlMissing: 'not a Debian or Ubuntu machine (no apt-get)',
    pythonRedisMissing: 'there is no python3 on PATH',
  });
});
