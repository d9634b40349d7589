// How the tests run, and why so: test/README.md.
export default {
  runner: 'jest-light-runner',
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  setupFiles: ['<rootDir>/dist/engine/lockdown.js'],
  setupFilesAfterEnv: ['<rootDir>/dist/test/setup.js'],
  reporters: ['default', ['<rootDir>/dist/test/hang-reporter.js', { file: 300_000, exit: 15_000 }]],
  transform: {},
  // Two threads: with one, the runner would lock down jest's own process as well.
  maxWorkers: 2,
};
