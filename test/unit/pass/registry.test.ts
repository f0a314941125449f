/** Names and options of pipelines: what is accepted, how it is coerced, and what is said about the rest. */
import { InternalError } from '../../../src/base/assert.js';
import { REGISTRY } from '../../../src/compile.js';
import { checkOrder } from '../../../src/pass/order.js';
import type { OptionSchema } from '../../../src/pass/pass.js';
import { createRegistry, findPipeline, optionFaults, resolvePipeline } from '../../../src/pass/registry.js';
import { parsePipeline, printPipeline } from '../../../src/pass/spec.js';
import { diagnosticsThrown } from '../../support/codes.js';
import { FAKES, fakePass } from '../../support/fake-passes.js';

const registry = createRegistry(FAKES, [{ name: 'short', summary: '', spec: 'read,lower' }]);
const resolve = (text: string) => resolvePipeline(registry, parsePipeline(text));

test('fills in defaults and turns text into the declared types', () => {
  expect(resolve('cut')[0]?.options).toEqual({ by: 'auto', depth: 3, cuts: [], exact: false });
  expect(resolve('cut{by=one depth=12 cuts=a,b exact}')[0]?.options).toEqual({
    by: 'one',
    depth: 12,
    cuts: ['a', 'b'],
    exact: true,
  });
  expect(resolve('cut{exact=false cuts=a}')[0]?.options).toMatchObject({ exact: false, cuts: ['a'] });
});

describe('options that are lists', () => {
  const LISTS = createRegistry(
    [
      fakePass('list', [], 'graph', {
        options: {
          sizes: {
            type: 'array',
            items: { type: 'integer', minimum: 1, maximum: 9 },
            default: [1],
            description: 'sizes to try',
          },
          rules: {
            type: 'array',
            items: { type: 'string', enum: ['one', 'auto'] },
            default: [],
            description: 'rules',
          },
          names: { type: 'array', default: ['a'], description: 'layers' },
        },
      }),
    ],
    [],
  );
  const list = (text: string) => resolvePipeline(LISTS, parsePipeline(`list{${text}}`))[0]?.options;

  test.each([
    ['', { sizes: [1], rules: [], names: ['a'] }],
    ['sizes=3', { sizes: [3], rules: [], names: ['a'] }],
    ['sizes=3,5 rules=auto,one names=7', { sizes: [3, 5], rules: ['auto', 'one'], names: ['7'] }],
    ['names=""', { sizes: [1], rules: [], names: [] }],
  ])('{%s} has elements of the declared type', (text, options) => {
    expect(list(text)).toEqual(options);
  });

  const SIZES = 'sizes: sizes to try; at least 1; at most 9; commas between elements, no brackets';
  test.each([
    ['sizes=[1,2]', ['option "sizes" of list cannot have the element "[1"', SIZES]],
    ['sizes=3,12', ['option "sizes" of list cannot have the element "12"', SIZES]],
    ['sizes=1.5', ['option "sizes" of list cannot have the element "1.5"', SIZES]],
    ['sizes', ['option "sizes" of list cannot be "true"', SIZES]],
    ['rules=one,aut', ['option "rules" of list cannot have the element "aut"', 'did you mean "auto"?']],
  ])('{%s} is refused', (text, [message, help]) => {
    expect(diagnosticsThrown(() => list(text))[0]).toMatchObject({ code: 'DF8005', message, help });
  });
});

test('steps of one pass do not share their options', () => {
  const [first, second] = resolve('cut,cut');
  expect(first?.options['cuts']).not.toBe(second?.options['cuts']);
});

test.each([
  ['tilee', 'DF8004', 'unknown pass "tilee"', 'did you mean "tile"?', 'tilee'],
  ['cut{rule=one}', 'DF8005', 'cut has no option "rule"', 'options: by, depth, cuts, exact', 'rule'],
  ['cut{dept=2}', 'DF8005', 'cut has no option "dept"', 'did you mean "depth"?', 'dept'],
  ['read{x=1}', 'DF8005', 'read has no option "x"', 'it takes no options', 'x'],
  ['cut{by=aut}', 'DF8005', 'option "by" of cut cannot be "aut"', 'did you mean "auto"?', 'aut'],
  [
    'cut{depth=2.5}',
    'DF8005',
    'option "depth" of cut cannot be "2.5"',
    'depth: layers per stack; at least 1',
    '2.5',
  ],
  [
    'cut{depth=0}',
    'DF8005',
    'option "depth" of cut cannot be "0"',
    'depth: layers per stack; at least 1',
    '0',
  ],
  ['choose{tile=0y5}', 'DF8005', 'option "tile" of choose cannot be "0y5"', 'tile: columns x rows', '0y5'],
  ['cut{by=one by=auto}', 'DF8005', 'option "by" of cut is given twice', undefined, 'by'],
])('%s is refused', (text, code, message, help, word) => {
  const found = diagnosticsThrown(() => resolve(text));
  expect(found).toMatchObject([{ code, message, ...(help === undefined ? {} : { help }) }]);
  const at = found[0]?.at[0];
  expect(at?.kind === 'spec' && at.text.slice(at.offset, at.offset + (at.length ?? 1))).toBe(word);
});

test('everything wrong in a pipeline is said at once', () => {
  expect(diagnosticsThrown(() => resolve('raed,cut{by=x depth=y},nothing')).map(({ code }) => code)).toEqual([
    'DF8004',
    'DF8005',
    'DF8005',
    'DF8004',
  ]);
});

test('unknown pipelines come with the nearest one', () => {
  expect(findPipeline(registry, 'short', []).spec).toBe('read,lower');
  expect(diagnosticsThrown(() => findPipeline(registry, 'sort', []))).toMatchObject([
    { code: 'DF8006', help: 'did you mean "short"?' },
  ]);
});

test('two passes of one name are a bug', () => {
  expect(() => createRegistry([...FAKES, fakePass('read', [], 'graph')], [])).toThrow(InternalError);
});

test.each(REGISTRY.pipelines)('the pipeline $name is canonical, resolves and is in order', ({ spec }) => {
  expect(printPipeline(parsePipeline(spec))).toBe(spec);
  const steps = resolvePipeline(REGISTRY, parsePipeline(spec));
  expect(checkOrder(steps, [], REGISTRY)).toEqual([]);
});

test.each(REGISTRY.passes)('$name declares options whose defaults obey them', (pass) => {
  expect(optionFaults(pass)).toEqual([]);
});

test('a default that breaks its schema is found, and a schema that is none', () => {
  const option = (more: object): OptionSchema => ({
    type: 'integer',
    default: 1,
    description: 'a number',
    ...more,
  });
  const faults = (more: object): readonly string[] =>
    optionFaults(fakePass('x', [], 'graph', { options: { n: option(more) } }));
  expect(faults({})).toEqual([]);
  expect(faults({ default: 'one' })).toEqual(['the default of option n must be integer']);
  expect(faults({ default: '1' })).toEqual(['the default of option n must be integer']);
  expect(faults({ type: 'array', items: { type: 'integer' }, default: ['1'] })).toEqual([
    'the default of option n/0 must be integer',
  ]);
  expect(faults({ minimum: 2 })).toEqual(['the default of option n must be >= 2']);
  expect(faults({ type: 'string', default: '', pattern: '(' })[0]).toMatch(/^options: .*regular expression/i);
});
