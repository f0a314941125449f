/** Bugs behind a dump that may have been edited are the dump's matter; those of plugins and of trusted IRs are not. */
import { InternalError } from '../../src/base/assert.js';
import { blamingDump, dumpToBlame } from '../../src/blame-dump.js';
import { compile } from '../../src/compile.js';
import { diagnostic } from '../../src/diag/diagnostic.js';
import { edited } from '../support/edited.js';
import { PIPELINE, scheduled, SMALL_HW } from '../support/scheduled.js';

const rejected = (pass: string, plugin?: string) =>
  [
    { ...diagnostic('DF9002', `verifier rejected the output of ${pass}`), pass },
    { ...diagnostic('DF4090', '$0: 7 tiles, 8 expected'), pass },
  ].map((d) => (plugin === undefined ? d : { ...d, plugin }));

test('what is no bug stays', () => {
  const found = [diagnostic('DF5001', 'too small'), diagnostic('DF2102', 'floats')];
  expect(blamingDump(found)).toEqual(found);
});

test('bugs of built-in passes become one diagnostic, others stay with the plugin', () => {
  expect(blamingDump(rejected('tile-stacks'))).toMatchObject([
    {
      code: 'DF8013',
      message: 'the IR to start from leads tile-stacks to break an invariant',
      terms: ['DF9002: verifier rejected the output of tile-stacks', 'DF4090: $0: 7 tiles, 8 expected'],
    },
  ]);
  const ofPlugin = rejected('acme/tile', 'acme (./tile.js)');
  expect(blamingDump(ofPlugin)).toEqual(ofPlugin);
});

test("an exception is the dump's matter if it is one of our invariants, in a pass of ours", () => {
  expect(dumpToBlame(new InternalError('tile-stacks: missing map'))).toMatchObject({ code: 'DF8013' });
  expect(dumpToBlame(new TypeError('x'))).toBeUndefined();
});

describe('a graph edited behind the back of its shapes', () => {
  const from = async () =>
    edited((await scheduled(undefined, { stopAfter: 'infer-shapes' })).ir, 'graph/nodes/2/inputs', () => []);
  const pipeline = PIPELINE.slice(PIPELINE.indexOf('lower-layers'));

  test('is told so', async () => {
    const { ok, diagnostics } = await compile({ hw: SMALL_HW, from: await from(), pipeline });
    expect([ok, diagnostics.map(({ code }) => code)]).toEqual([false, ['DF8013']]);
  });

  test('of a run that nobody can have edited it is a bug, and so it is for who asks not to verify', async () => {
    const request = { hw: SMALL_HW, from: await from(), pipeline };
    await expect(compile({ ...request, trusted: true })).rejects.toThrow(InternalError);
    await expect(compile({ ...request, verify: 'off' })).rejects.toThrow(InternalError);
  });
});
