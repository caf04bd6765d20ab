import { defineConfig, mergeConfig } from 'vitest/config';

import build from './vite.config';

// Apart from vite.config.ts, because the build does without the packages of the tests.
export default mergeConfig(build, defineConfig({
  test: {
    environment: 'happy-dom',
    // A loaded machine is slow, not wrong.
    testTimeout: 60_000,
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
  },
}));
