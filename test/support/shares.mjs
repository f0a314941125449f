/** Jest reporter: how the time divides among the kinds of tests, by folder, as docs/testing.md lists them. */
import { relative, sep } from 'node:path';

export default class Shares {
  constructor(_globalConfig, { rootDir }) {
    this.rootDir = rootDir;
  }

  onRunComplete(_contexts, { testResults }) {
    if (testResults.length < 2) return;
    const seconds = new Map();
    for (const { testFilePath, perfStats } of testResults) {
      const [, folder = '', name = ''] = relative(this.rootDir, testFilePath).split(sep);
      const suite = folder === 'unit' && !name.includes('.') ? `${folder}/${name}` : folder;
      seconds.set(suite, (seconds.get(suite) ?? 0) + perfStats.runtime / 1000);
    }
    const total = [...seconds.values()].reduce((sum, time) => sum + time, 0);
    const rows = [...seconds].sort(([, a], [, b]) => b - a);
    const lines = rows.map(
      ([suite, time]) =>
        `  ${suite.padEnd(20)} ${time.toFixed(1).padStart(7)} s ${((100 * time) / total).toFixed(1).padStart(5)} %`,
    );
    process.stdout.write(`\nTime by suite, over all workers:\n${lines.join('\n')}\n`);
  }
}
