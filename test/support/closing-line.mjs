/** Jest reporter: the totals once more, on one plain line that closes the output for scripts to read. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } =
      results;
    const skipped = numPendingTests + numTodoTests;
    const counts = [
      `${numPassedTests} passed`,
      `${numFailedTests + numRuntimeErrorTestSuites} failed`, // a suite that does not load counts as a failure
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ];
    // Jest's own summary comes after all reporters; this line comes after that.
    process.once('exit', () => process.stdout.write(`${counts.join(', ')}\n`));
  }
}
