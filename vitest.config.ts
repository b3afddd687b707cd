/**
 * Tests run in one process per file group without isolation: our modules hold no state, and it halves the run.
 * Whatever is about the database runs on both engines.
 */
import './test/in-memory.ts';
import { defineConfig } from 'vitest/config';

/**
 * What is told to people and done in AWS, Datadog and Slack, not what is kept: on PostgreSQL alone, where such a test
 * takes two thirds of the time. The rest of the journeys and all stores run embedded too, or on both.
 */
const ON_POSTGRES_ALONE = [
  'test/{approvals,messages,postgres}/**/*.test.ts',
  'test/onboarding/{breaks,traps-*,webhook-token}.test.ts',
  'test/signals/{channels,command,digest,escalation,events,hostile-webhooks,interrupted,partial}.test.ts',
  'test/signals/{polling,quiet,storm-calls,story,suppress,taken,triage*,webhook}.test.ts',
  'test/rules/{approvals,dialog*}.test.ts',
];

export default defineConfig({
  test: {
    isolate: false,
    // Node itself reads TypeScript here, as in production; vite's runner takes an eighth longer.
    experimental: { viteModuleRunner: false },
    pool: 'forks',
    // Of two cores, as tests wait as well: an eighth faster than three.
    maxWorkers: 4,
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
          exclude: ON_POSTGRES_ALONE,
          globalSetup: 'test/db/embedded/template.ts',
          provide: { engine: 'embedded' },
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [
            'test/db/**/*.test.ts',
            'test/onboarding/enable*.test.ts',
            'test/clusters/list.test.ts',
            'test/slack/inbox.test.ts',
            ...ON_POSTGRES_ALONE,
          ],
          exclude: ['test/db/embedded/**'],
          globalSetup: 'test/postgres/template.ts',
          provide: { engine: 'postgres' },
        },
      },
    ],
  },
});
