/** Pipeline strings: the examples of the grammar, caret positions counted by hand, and the round trip as a law. */
import fc from 'fast-check';
import { parsePipeline, printPipeline, type PipelineSpec } from '../../../src/pass/spec.js';
import { diagnosticsThrown } from '../../support/codes.js';

const plain = (spec: PipelineSpec) =>
  spec.map(({ name, options }) => [name, ...options.map(({ key, value }) => [key, value] as const)]);

test('reads passes, options and bare keys', () => {
  expect(
    plain(
      parsePipeline('import-onnx,choose-tiles{tile=14x14 mode=h-cached-v-recompute},acme/cut-at-pools{deep}'),
    ),
  ).toEqual([
    ['import-onnx'],
    ['choose-tiles', ['tile', '14x14'], ['mode', 'h-cached-v-recompute']],
    ['acme/cut-at-pools', ['deep', undefined]],
  ]);
});

test('commas inside braces belong to values, and spaces do not matter', () => {
  expect(plain(parsePipeline(' partition-stacks{ cuts=a,/b/c  by=auto } , tile-stacks '))).toEqual([
    ['partition-stacks', ['cuts', 'a,/b/c'], ['by', 'auto']],
    ['tile-stacks'],
  ]);
});

test('quotes carry what would end a value', () => {
  const spec = parsePipeline(String.raw`p{name="a b} \"c\"" empty=""}`);
  expect(plain(spec)).toEqual([['p', ['name', 'a b} "c"'], ['empty', '']]]);
  expect(printPipeline(spec)).toBe(String.raw`p{name="a b} \"c\"" empty=""}`);
});

test('remembers where names and values stand, behind the prefix', () => {
  const [, second] = parsePipeline('ab,cd{e=fgh}', '--passes ');
  // '--passes ' is 9 characters, 'ab,' three: cd at 12; 'cd{e=' five more: fgh at 17.
  expect(second?.at).toMatchObject({ text: '--passes ab,cd{e=fgh}', offset: 12, length: 2 });
  expect(second?.options[0]).toMatchObject({
    at: { offset: 15, length: 1 },
    valueAt: { offset: 17, length: 3 },
  });
});

test.each([
  ['', 'the name of a pass', 'the end', 0],
  ['a,', 'the name of a pass', 'the end', 2],
  ['a b', '"," or the end', '"b"', 2],
  ['a{b=c', 'an option or "}"', 'the end', 5],
  ['a{b=}', 'a value', '"}"', 4],
  ['a{b=c}}', '"," or the end', '"}"', 6],
  ['Import', 'the name of a pass', '"I"', 0],
  ['a{=c}', 'an option or "}"', '"="', 2],
])('%p stops at the right place', (text, expected, found, offset) => {
  const [d] = diagnosticsThrown(() => parsePipeline(text));
  expect(d).toMatchObject({
    code: 'DF8002',
    message: `expected ${expected}, found ${found}`,
    at: [{ kind: 'spec', text, offset }],
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const specs = fc.array(
  fc.record({
    name: fc.oneof(
      word,
      fc.tuple(word, word).map(([a, b]) => `${a}/${b}`),
      fc.tuple(word, word).map(([a, b]) => `${a}-${b}`),
    ),
    options: fc.array(
      fc.record({ key: word, value: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }) }),
    ),
  }),
  { minLength: 1 },
);

test('printing and reading are inverse, whatever the values contain', () => {
  const at = { kind: 'spec', text: '', offset: 0 } as const;
  fc.assert(
    fc.property(specs, (passes) => {
      const spec = passes.map(({ name, options }) => ({
        name,
        at,
        options: options.map(({ key, value }) => ({
          key,
          at,
          valueAt: at,
          ...(value === undefined ? {} : { value }),
        })),
      }));
      const text = printPipeline(spec);
      expect(plain(parsePipeline(text))).toEqual(plain(spec));
      expect(printPipeline(parsePipeline(text))).toBe(text);
    }),
    { seed: 2023, numRuns: 300 },
  );
});
