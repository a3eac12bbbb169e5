import { expect, test } from 'vitest';
import { FreshClone } from './fresh-clone.ts';

const REDIS = 'echo "Redis server v=7.2.4 sha=0 malloc=libc bits=64 build=0"';
const WITH = ['--with', 'rabbitmq'];
const ERTS = 'usr/lib/erlang/erts-13.1.5/bin';

// A distribution whose RabbitMQ is for all architectures, and brings Erlang, which is not.
const APT = `case "$*" in
  *"-s --no-install-recommends install rabbitmq-server")
    echo "Inst erlang-base (1:25.2.3+dfsg-1 Debian:12 [amd64])"
    echo "Inst logrotate-docs (3.21.0-1 Debian:12 [all])"
    echo "Inst rabbitmq-server (3.10.8-1.1 Debian:12, Debian-Security:12 [all])" ;;
  *" download "*) echo x > rabbitmq.deb ;;
  *" update") ;;
  *) exit 100 ;;
esac`;
// Its erl says how it was called, and where it believes to be.
const DPKG_DEB = `mkdir -p "$3/${ERTS}" "$3/usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8/sbin"
printf '#!/bin/sh\\necho "$ROOTDIR $BINDIR $EMU $PROGNAME"\\n' > "$3/${ERTS}/erlexec"
printf '#!/bin/sh\\n' > "$3/${ERTS}/epmd"
printf '#!/bin/sh\\nerl\\n' > "$3/usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8/sbin/rabbitmq-server"
chmod +x "$3/${ERTS}"/* "$3"/usr/lib/rabbitmq/lib/*/sbin/*`;

/** A clone with packages and Redis, on a machine whose distribution has a RabbitMQ. */
async function cloneOnDebian(dpkgDeb = DPKG_DEB): Promise<FreshClone> {
  const clone = await FreshClone.withPackages(REDIS);
  clone.program('apt-get', APT);
  clone.program('dpkg-deb', dpkgDeb);
  return clone;
}

test('RabbitMQ is unpacked with its Erlang, which finds itself where it was unpacked', async () => {
  using clone = await cloneOnDebian();
  const { status, stdout, stderr } = await clone.setup({}, ...WITH);
  expect(stderr).toContain("unpacking the distribution's RabbitMQ");
  expect([status, stdout]).toEqual([0, '']);
  const download = clone.calls.find((call) => call.includes(' download '));
  expect(download).toMatch(/ download erlang-base rabbitmq-server$/);
  const tree = clone.path('.understudy', 'rabbitmq');
  const erl = clone.path('.understudy', 'bin', 'erl');
  expect((await clone.run(erl, [])).stdout).toBe(
    `${tree}/usr/lib/erlang ${tree}/${ERTS} beam erl\n`,
  );
  await expect(clone.run(clone.path('.understudy', 'bin', 'epmd'), [])).resolves.toBeDefined();
});

test('a second setup does nothing and says nothing', async () => {
  using clone = await cloneOnDebian();
  await clone.setup({}, ...WITH);
  expect(await clone.setup({}, ...WITH)).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(clone.calls).toEqual([]);
});

test('an Erlang that does not run is told of, and the machine is set up all the same', async () => {
  using clone = await cloneOnDebian(DPKG_DEB.replace('echo "$ROOTDIR', 'exit 1; echo "'));
  const { status, stderr } = await clone.setup({}, ...WITH);
  expect(status).toBe(0);
  expect(stderr).toContain('no RabbitMQ');
  expect(stderr).toContain('does not run');
});

test('a machine that cannot have it is set up all the same', async () => {
  using clone = await FreshClone.withPackages(REDIS);
  const { status, stderr } = await clone.setup({}, ...WITH);
  expect(status).toBe(0);
  expect(stderr).toContain('not a Debian or Ubuntu machine');
});
