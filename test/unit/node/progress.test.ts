/** The progress bar: last words reach whoever watches, and nobody else. */
import { createProgress } from '../../../src/node/progress.js';

test.each([
  [true, 'ending\n'],
  [false, ''],
])('a terminal: %s', (isTTY, expected) => {
  let written = '';
  const stream = { isTTY, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
  const progress = createProgress(stream);
  progress.stop();
  progress.stop('ending');
  expect(written).toBe(expected);
});
