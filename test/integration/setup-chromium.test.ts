import { expect, test } from 'vitest';
import { FreshClone } from './fresh-clone.ts';

const REDIS = 'echo "Redis server v=7.2.4 sha=0 malloc=libc bits=64 build=0"';
const WITH = ['--with', 'chromium'];

// A distribution whose Chromium needs a library, a folder of libraries, and fonts.
const APT = `case "$*" in
  *"-s --no-install-recommends install chromium")
    echo "Inst fonts-dejavu-core (2.37-6 Debian:12 [all])"
    echo "Inst xdg-utils (1.1.3 Debian:12 [all])"
    echo "Inst libpulse0 (16.1 Debian:12 [amd64]) []"
    echo "Inst chromium (156.0.1-1 Debian:12, Debian-Security:12 [amd64])" ;;
  *" download "*) echo x > chromium.deb ;;
  *" update") ;;
  *) exit 100 ;;
esac`;
const DPKG_DEB = `mkdir -p "$3/usr/lib/chromium" "$3/usr/lib/x86_64-linux-gnu/pulseaudio" "$3/usr/bin" "$3/etc/fonts"
echo x > "$3/usr/lib/x86_64-linux-gnu/pulseaudio/libpulsecommon.so"
printf '#!/bin/sh\\necho "Chromium 156.0.1 libraries $LD_LIBRARY_PATH fonts $FONTCONFIG_SYSROOT"\\n' > "$3/usr/lib/chromium/chromium"
chmod +x "$3/usr/lib/chromium/chromium"`;

test("the distribution's Chromium is unpacked with its libraries and fonts, and starts with them", async () => {
  using clone = await FreshClone.withPackages(REDIS);
  clone.program('apt-get', APT);
  clone.program('dpkg-deb', DPKG_DEB);
  const { status, stderr } = await clone.setup({}, ...WITH);
  expect(stderr).toContain("unpacking the distribution's Chromium");
  expect(status).toBe(0);
  const download = clone.calls.find((call) => call.includes(' download '));
  expect(download).toMatch(/ download fonts-dejavu-core libpulse0 chromium$/);
  const { stdout } = await clone.run(clone.path('.understudy', 'bin', 'chromium'), []);
  expect(stdout).toMatch(/libraries \S*x86_64-linux-gnu\/pulseaudio/);
  expect(stdout).toMatch(/fonts \S*\.understudy\/chromium$/m);
});

test('a machine that cannot have one is no trouble: the reason is said and noted', async () => {
  using clone = await FreshClone.withPackages(REDIS);
  clone.program('apt-get', 'exit 100');
  clone.program('dpkg-deb', 'exit 1');
  const { status, stderr } = await clone.setup({}, ...WITH);
  expect(status).toBe(0);
  expect(stderr).toContain('no Chromium; the tests of reports are left out');
});
