/** The pass manager with passes that have no substance: what they see, what stops them, and in which order hooks run. */
import { PROFILES } from '../../../src/base/profile.js';
import { diagnostic, DiagnosticError } from '../../../src/diag/diagnostic.js';
import type { Facet, PartialIR } from '../../../src/ir/facets.js';
import { runPasses, type Instrument, type RunContext } from '../../../src/pass/manager.js';
import type { AnyPass } from '../../../src/pass/pass.js';
import { FAKES, fakePass } from '../../support/fake-passes.js';

const context: RunContext = {
  hw: {
    name: 'none',
    source: '',
    array: { dims: [], macEnergyPj: 0 },
    precision: { W: 8, I: 8, O: 8, psum: 16 },
    spatial: [],
    memories: [],
  },
  profile: PROFILES.default,
  source: { file: 'net.onnx', bytes: new Uint8Array() },
  dims: {},
  precision: {},
  precisions: [],
  mapper: () => {
    throw new Error('not used');
  },
  evaluate: () => {
    throw new Error('not used');
  },
  mappers: [],
  mappingsGiven: false,
  outOfTime: () => false,
  budgeted: false,
  progress: () => undefined,
};

const at = { kind: 'spec', text: '', offset: 0 } as const;
const run = (
  passes: readonly AnyPass[],
  instruments: readonly Instrument[] = [],
  start: PartialIR = { name: 'net' },
) =>
  runPasses(
    passes.map((pass) => ({ pass, options: {}, at, text: pass.name })),
    start,
    context,
    instruments,
  );
const [read, lower, cut, choose, tile, allocate] = FAKES as [
  AnyPass,
  AnyPass,
  AnyPass,
  AnyPass,
  AnyPass,
  AnyPass,
];

test('a module that knows how it was made is told of every pass', async () => {
  const made = { accelerator: {}, passes: [] };
  const { ir } = await run([read, lower], [], { name: 'net', made });
  expect(ir.made?.passes).toEqual([
    { pass: read.name, makes: 'graph' },
    { pass: lower.name, makes: 'layers' },
  ]);
});

test('facets accrete, and what is made again drops what it leaves stale', async () => {
  const { ir, finished } = await run([read, lower, cut, tile, allocate, choose]);
  expect(finished).toBe(true);
  expect(Object.keys(ir)).toEqual(['name', 'graph', 'layers', 'stacks']);
  expect(ir.stacks).toEqual({ by: 'choose' });
});

test('a pass sees the facets it declared, and the file only if it starts from nothing', async () => {
  const seen: unknown[] = [];
  const spy = (name: string, needs: readonly Facet[], makes: Facet): AnyPass =>
    fakePass(name, needs, makes, {
      run: (ir, _options, ctx) => {
        seen.push([name, Object.keys(ir), ctx.source?.file]);
        return {};
      },
    });
  await run([spy('a', [], 'graph'), spy('b', ['graph'], 'layers'), spy('c', ['layers'], 'stacks')]);
  expect(seen).toEqual([
    ['a', ['name'], 'net.onnx'],
    ['b', ['name', 'graph'], undefined],
    ['c', ['name', 'layers'], undefined],
  ]);
});

test('errors end the run after the pass, with everything it reported and the last good IR', async () => {
  const bad = fakePass('bad', ['graph'], 'layers', {
    run: (_ir, _options, ctx) => {
      ctx.diag('DF1008', 'old');
      ctx.diag('DF1016', 'no x', [{ kind: 'onnx', tensor: 'x' }]);
      ctx.diag('DF1016', 'no y');
      return { never: 'seen' };
    },
  });
  const { ir, diagnostics, finished } = await run([read, bad, cut]);
  expect(finished).toBe(false);
  expect(Object.keys(ir)).toEqual(['name', 'graph']);
  // The manager adds who said it and which file it is about.
  expect(diagnostics).toMatchObject([
    { code: 'DF1008', severity: 'warning', pass: 'bad' },
    { code: 'DF1016', pass: 'bad', at: [{ kind: 'onnx', tensor: 'x', file: 'net.onnx' }] },
    { code: 'DF1016', message: 'no y' },
  ]);
});

test('a thrown DiagnosticError joins what was reported before it', async () => {
  const bad = fakePass('bad', [], 'graph', {
    run: (_ir, _options, ctx) => {
      ctx.diag('DF1008', 'old');
      throw new DiagnosticError([diagnostic('DF1018', 'a cycle')]);
    },
  });
  const { diagnostics, finished } = await run([bad, lower]);
  expect(finished).toBe(false);
  expect(diagnostics.map(({ code }) => code)).toEqual(['DF1008', 'DF1018']);
});

test('an infeasible stack is a result: the passes behind go on', async () => {
  const tight = fakePass('tight', ['graph'], 'layers', {
    run: (_ir, _options, ctx) => {
      ctx.diag('DF5001', 'does not fit');
      return { by: 'tight' };
    },
  });
  const { ir, diagnostics, finished } = await run([read, tight, cut]);
  expect(finished).toBe(true);
  expect(ir.stacks).toEqual({ by: 'cut' });
  expect(diagnostics.map(({ severity }) => severity)).toEqual(['error']);
});

test('any other exception is a bug that names the pass', async () => {
  const broken = fakePass('broken', [], 'graph', {
    run: () => {
      throw new TypeError('x is not a function');
    },
  });
  const failed: string[] = [];
  const watch: Instrument = { failed: ({ pass }) => failed.push(pass.name) };
  await expect(run([broken], [watch])).rejects.toThrow('broken: x is not a function');
  expect(failed).toEqual(['broken']);
});

test('asynchronous passes are awaited', async () => {
  const slow = fakePass('slow', [], 'graph', { run: () => Promise.resolve({ by: 'slow' }) });
  expect((await run([slow])).ir.graph).toEqual({ by: 'slow' });
});

test('statistics add up per pass and keep the order they came in', async () => {
  const counting = fakePass('counting', [], 'graph', {
    run: (_ir, _options, ctx) => {
      ctx.stat('b', 2);
      ctx.stat('a', 1);
      ctx.stat('b', 3);
    },
  });
  expect((await run([counting, lower])).statistics).toEqual([
    { index: 1, pass: 'counting', name: 'b', count: 5 },
    { index: 1, pass: 'counting', name: 'a', count: 1 },
  ]);
});

describe('instruments', () => {
  const log: string[] = [];
  const logger = (name: string, rejects?: string): Instrument => ({
    before: ({ index, pass }) => log.push(`${name} before ${index} ${pass.name}`),
    after: ({ pass }, report) => {
      log.push(`${name} after ${pass.name}`);
      if (pass.name === rejects) report(diagnostic('DF9002', 'rejected'));
    },
    failed: ({ pass }) => log.push(`${name} failed ${pass.name}`),
    end: () => log.push(`${name} end`),
  });
  beforeEach(() => log.splice(0));

  test('nest: the first is outermost', async () => {
    await run([read], [logger('outer'), logger('inner')]);
    expect(log).toEqual([
      'outer before 1 read',
      'inner before 1 read',
      'inner after read',
      'outer after read',
      'outer end',
      'inner end',
    ]);
  });

  test('one that rejects a pass keeps the others from seeing its output', async () => {
    const { ir, diagnostics, finished } = await run(
      [read, lower],
      [logger('printer'), logger('verifier', 'lower'), logger('clock')],
    );
    expect(finished).toBe(false);
    expect(Object.keys(ir)).toEqual(['name', 'graph']);
    expect(diagnostics).toMatchObject([{ code: 'DF9002', pass: 'lower' }]);
    expect(log.slice(6)).toEqual([
      'printer before 2 lower',
      'verifier before 2 lower',
      'clock before 2 lower',
      'clock after lower',
      'verifier after lower',
      'printer failed lower',
      'verifier failed lower',
      'clock failed lower',
    ]);
  });

  test('a pass that fails is told to all, and nothing comes after', async () => {
    const bad = fakePass('bad', [], 'graph', {
      run: (_ir, _options, ctx) => {
        ctx.diag('DF1018', 'a cycle');
      },
    });
    await run([bad, lower], [logger('a')]);
    expect(log).toEqual(['a before 1 bad', 'a failed bad']);
  });
});
