import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/scratch.ts'],
    // tests share no state, so that modules are loaded once a worker: a third less work than once a file
    isolate: false,
    // Vitest leaves a core to others unless told otherwise
    maxWorkers: '100%',
    // properties and whole runs share a busy machine with other work
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
    },
  },
});
