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

const works = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const isThere = ({ program }) => works('sh', '-c', 'command -v "$0"', program);

const missing = needed.filter((need) => !isThere(need));
if (missing.length > 0) {
  const packages = missing.map((need) => need.package);
  if (process.getuid?.() === 0 && works('apt-get', '--version')) {
    console.log(`Installing ${packages.join(', ')} …`);
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  }
  const absent = missing.filter((need) => !isThere(need));
  if (absent.length > 0) {
    console.error(
      `The tests need ${absent.map(({ program }) => program).join(', ')}; ` +
        `on Debian and Ubuntu: apt-get install ${absent.map((need) => need.package).join(' ')}`,
    );
    process.exit(1);
  }
}
