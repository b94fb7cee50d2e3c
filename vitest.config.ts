import { defineConfig } from 'vitest/config';

const node = process.execPath;
if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(`The tests need Node 24, and this is ${node}: run them with npm test.`);
}

const category = (name: string) => [`**/*.${name}.test.ts`];

export default defineConfig({
  test: {
    coverage: {
      provider: 'v8',
      include: ['server/src/**/*.ts', 'cli/src/**/*.ts', 'sdk/src/**/*.ts', 'insight/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary', 'html'],
    },
    // A condition that is waited for comes late on a busy machine: as long as the browser waits for an element.
    expect: { poll: { timeout: 10_000 } },
    // Each integration test has a database of its own, in one PostgreSQL for the whole run; see server/test/postgres.ts.
    projects: [
      // As many at once as in the projects beside it: Vitest refuses others in one group.
      { extends: true, test: { name: 'unit', include: category('unit'), maxWorkers: 2 } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: category('integration'),
          globalSetup: 'server/test/postgres.setup.ts',
          // They wait for PostgreSQL more than they compute: two at once keep two cores busy.
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: category('e2e'),
          globalSetup: 'server/test/prepared_data.setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'budgets',
          include: category('budget'),
          // Behind all others, and one file after another: what is measured has the machine to itself.
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          testTimeout: 400_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: category('slow'),
          globalSetup: ['server/test/postgres.setup.ts', 'server/test/prepared_data.setup.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'looks',
          // What people do in the interface, once more in the other theme, as narrow as a telephone and without a pointer.
          include: ['web/test/*.integration.test.ts'],
          env: { MAESTRO_TEST_LOOK: 'dark-390' },
          globalSetup: 'server/test/postgres.setup.ts',
          // Behind the slow ones, with which they run and which come one by one.
          sequence: { groupOrder: 2 },
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
