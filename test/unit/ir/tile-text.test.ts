/** Tiles as text: what is written can be read, and nothing else can. */
import { parseTile, tileText } from '../../../src/ir/stack.js';
import { diagnosticsThrown } from '../../support/codes.js';

test.each(['full', '60x72', 'fullx1', '7xfull', 'fullx16xh2'])('%s', (text) => {
  expect(tileText(parseTile(text))).toBe(text);
});

test.each(['', 'foo', '60', '0x5', '-3x5', '1.5x2', '2x', '2x3x4', '2x3xh0', ' 2x3', '1e3x1'])(
  '"%s" is no tile',
  (text) => {
    expect(diagnosticsThrown(() => parseTile(text))).toMatchObject([
      { code: 'DF8005', message: `a tile cannot be "${text}"` },
    ]);
  },
);
