// What the tests need beside npm and Python packages: installed from Debian's packages when absent and root, else named.
import { spawnSync } from 'node:child_process';

const needed = [
  { program: 'redis-server', package: 'redis-server' },
  { program: 'chromium', package: 'chromium' },
];

const works = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

const missing = needed.filter(({ program }) => !works(program, '--version'));
if (missing.length > 0) {
  const packages = missing.map((need) => need.package);
  if (process.getuid?.() === 0 && works('apt-get', '--version')) {
    console.log(`Installing ${packages.join(', ')} …`);
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  }
  const absent = missing.filter(({ program }) => !works(program, '--version'));
  if (absent.length > 0) {
    console.error(
      `The tests need ${absent.map(({ program }) => program).join(' and ')}; ` +
        `on Debian and Ubuntu: apt-get install ${absent.map((need) => need.package).join(' ')}`,
    );
    process.exit(1);
  }
}
