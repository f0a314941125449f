/**
 * The order of test files: those that take longest first, so that the last worker does not end with one of them, then
 * by size. The list is the measured one; a file that is not in it is a short one.
 */
import { statSync } from 'node:fs';

const LONGEST = [
  'test/fuzz/fuzz.test.ts',
  'test/package/adding-a-pass.test.ts',
  'test/plugin/failures.test.ts',
  'test/property/optimize.test.ts',
  'test/unit/everywhere.test.ts',
  'test/cli/bad-input.test.ts',
  'test/cli/compile.test.ts',
  'test/cli/explore.test.ts',
  'test/unit/onnx/large-models.test.ts',
];

const rank = (path) => {
  const at = LONGEST.findIndex((file) => path.endsWith(file));
  return at < 0 ? LONGEST.length : at;
};

export default class Sequencer {
  sort(tests) {
    const size = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return [...tests].sort((a, b) => rank(a.path) - rank(b.path) || size.get(b.path) - size.get(a.path));
  }

  /** Durations of earlier runs are not kept: the same order everywhere. */
  cacheResults() {
    return undefined;
  }

  allFailedTests(tests) {
    return tests;
  }

  shard(tests) {
    return tests;
  }
}
