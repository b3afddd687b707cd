/**
 * Tests run in one process per file group without isolation: our modules hold no state, and it halves the run.
 * Whatever touches the database runs on both engines.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    isolate: false,
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // CI's machines stall for seconds at times; a test that fails twice in a row has failed. By hand it fails at once.
    retry: process.env.CI ? 1 : 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ['test/**/*.test.ts'],
          exclude: ['test/postgres/**'],
          globalSetup: 'test/db/embedded/template.ts',
          provide: { engine: 'embedded' },
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [
            'test/{db,postgres,messages,approvals}/**/*.test.ts',
            'test/onboarding/enable*.test.ts',
            'test/clusters/list.test.ts',
            'test/slack/inbox.test.ts',
          ],
          exclude: ['test/db/embedded/**'],
          globalSetup: 'test/postgres/template.ts',
          provide: { engine: 'postgres' },
        },
      },
    ],
  },
});
