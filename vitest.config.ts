import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    // What a browser comes to show is waited for: a busy machine is no failure.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // One more than the cores of the machine that is measured: browsers, servers and trainings are waited for.
    maxWorkers: 3,
  },
});
