export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' }, // NodeNext imports say ./x.js
  transform: {
    '^.+\\.ts$': [
      '<rootDir>/test/support/transform.mjs',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  setupFiles: ['<rootDir>/test/support/engine.mjs'],
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  maxWorkers: '100%',
  testTimeout: 600_000,
  reporters: [
    'default',
    ['<rootDir>/test/support/shares.mjs', { rootDir: import.meta.dirname }],
    '<rootDir>/test/support/closing-line.mjs',
  ],
};
