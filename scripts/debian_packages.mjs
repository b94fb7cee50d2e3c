// What the tests need beside npm and Python packages: installed from Debian's packages when absent and root, else named.
import { spawnSync } from 'node:child_process';

const needed = [
  { program: 'redis-server', package: 'redis-server' },
  { program: 'chromium', package: 'chromium' },
  { program: 'certutil', package: 'libnss3-tools' },
  { program: 'openssl', package: 'openssl' },
  { program: 'pebble', package: 'pebble' },
  { program: 'testssl', package: 'testssl.sh' },
];

// Shows pages in a third of the processor's time; without it the tests take the whole browser.
const shell = { program: 'chromium-headless-shell', package: 'chromium-headless-shell' };

const works = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const isThere = ({ program }) => works('sh', '-c', 'command -v "$0"', program);

const missing = needed.filter((need) => !isThere(need));
if (process.getuid?.() === 0 && works('apt-get', '--version')) {
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = (needs) => {
    const packages = needs.map((need) => need.package);
    console.log(`Installing ${packages.join(', ')} …`);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', '--no-remove', ...packages], options);
  };
  if (missing.length > 0) {
    spawnSync('apt-get', ['update', '-qq'], options);
    install(missing);
  }
  if (!isThere(shell) && works('apt-cache', 'show', shell.package)) install([shell]);
}
const absent = missing.filter((need) => !isThere(need));
if (absent.length > 0) {
  console.error(
    `The tests need ${absent.map(({ program }) => program).join(', ')}; ` +
      `on Debian and Ubuntu: apt-get install ${absent.map((need) => need.package).join(' ')}`,
  );
  process.exit(1);
}
