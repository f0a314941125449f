import fc from 'fast-check';
import { PROFILES } from '../../../src/base/profile.js';
import type { FeasibleStack, ScheduleReport, SearchReport } from '../../../src/report/report.js';
import { scheduleReport } from '../../../src/report/schedule.js';
import { clip, left, name, right, table, WIDTH, wrap } from '../../../src/report/text-table.js';
import { energyUnit, scaledCycles } from '../../../src/report/text-units.js';
import { renderText } from '../../../src/report/text.js';
import { modelBytes } from '../../support/filetest/model-text.js';
import { PIPELINE, scheduled } from '../../support/scheduled.js';
import { input } from './facets.js';

const report = scheduleReport(input);
const text = renderText(report);
const lines = text.split('\n');

describe('the text report', () => {
  test.each([
    'two-convs on tiny',
    'model        two-convs   3 layers   640 MAC   weights 80 B',
    'accelerator  tiny   4 x 2 = 8 MAC units   2 memories',
    'pipeline     import-onnx,choose-tiles{tile=2x2 mode=fully-cached},annotate-cost',
    '  MAC array                                                               536.000   30.4 %',
    '  sram           1_024 B          1        -  684.000  60.000   16.000    760.000   43.0 %',
    '  off-load      42           last outputs of a layer leave; not counted in this profile',
    'stack $0   2 layers   tile 2x2   grid 3x1 = 3 tiles   fully-cached',
    '  weights     80 B, kept in sram after the first tile   output left in dram',
    '  recomputed  432 MAC (+67.5 %)', // of the 640 needed once
    '  then on the output: Relu of layer 1',
    '    kept columns   16 B, written to sram',
    '    1  conv1  [K4 C2] O sram, W sram, I sram: OX2 | O dram, W dram: FX3',
    '  infeasible: soft in tile type origin needs 1_250 B in sram, which holds 1_024 B (226 B short)',
    '  warning[DF9001] only a test',
  ])('%s', (line) => {
    expect(lines).toContain(line);
  });

  test('says who modelled what, and that sums are incomplete', () => {
    expect(text).toMatch(/^coverage {5}100\.0 % of MACs and 90\.9 % of loop iterations modelled exactly$/m);
    expect(text).toMatch(/^ +approximate: Softmax 1$/m);
    expect(text).toMatch(/^INFEASIBLE /m);
  });

  test('is plain: no escape codes, no trailing blanks, at most 120 columns, a final newline', () => {
    expect(text).not.toMatch(/\u001b/);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
    expect(text.endsWith('\n') && !text.endsWith('\n\n')).toBe(true);
  });

  test('emphasises headings only as told', () => {
    const loud = renderText(report, { heading: (line) => `<${line}>` });
    expect(loud).toContain('<two-convs on tiny>');
    expect(loud.replaceAll(/[<>]/g, '')).toBe(text);
  });

  test('is the same text each time', () => {
    expect(renderText(scheduleReport(input))).toBe(text);
  });
});

describe('layout', () => {
  test('columns are aligned, and those without content are left out', () => {
    expect(
      table(
        [left('a'), right('number'), left('empty')],
        [
          ['x', '1', ''],
          ['long', '23', ''],
        ],
        1,
      ),
    ).toEqual([' a     number', ' x          1', ' long      23']);
  });

  test('a name is shortened at its beginning when the line would be too long', () => {
    const [, line = ''] = table(
      [name('layer'), right('rest')],
      [['/model/layer1/conv'.repeat(5), 'r'.repeat(100)]],
    );
    expect(line).toHaveLength(WIDTH);
    expect(line).toMatch(/^\.\./);
    expect(line).toMatch(/conv {2}r+$/);
  });

  test('clip keeps the end', () => {
    expect(clip('abcdef', 6)).toBe('abcdef');
    expect(clip('abcdef', 5)).toBe('..def');
  });

  test('wrapped words are all there, in order, under the first', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1, maxLength: 40 }), (words) => {
        const wrapped = wrap('label  ', words, ', ');
        expect(wrapped.every((line) => line.length <= WIDTH)).toBe(true);
        expect(wrapped.slice(1).every((line) => line.startsWith(' '.repeat(7)))).toBe(true);
        expect(wrapped.map((line) => line.slice(7)).join(' ')).toBe(words.join(', '));
      }),
      { seed: 7 },
    );
  });

  test('units', () => {
    expect(energyUnit(2_154_699_943, 4).unit).toBe('uJ'); // 2154.7 uJ: four digits
    expect(energyUnit(2_154_699_943, 1).unit).toBe('mJ');
    expect(energyUnit(0.4, 4).unit).toBe('pJ');
    expect(scaledCycles(20_187_977)).toBe('20.188 Mcycles');
    expect(scaledCycles(119)).toBe('119 cycles');
  });
});

describe('wording', () => {
  const [stack] = report.stacks as readonly [FeasibleStack];
  const linesWith = (changes: Partial<ScheduleReport>): readonly string[] =>
    renderText({ ...report, ...changes }).split('\n');
  const fits = (some: readonly string[]): boolean => some.every((line) => line.length <= WIDTH);

  test('one stack fits no choice, two fit none', () => {
    expect(text).toMatch(/^INFEASIBLE {3}1 of 2 stacks \(\$1\) fits no choice/m);
    const soft = report.stacks[1]!;
    expect(linesWith({ stacks: [soft, soft] })).toContain(
      'INFEASIBLE   2 of 2 stacks ($1 $1) fit no choice of memory levels',
    );
  });

  test('weights that stay in the top memory are read by every tile, and no tile brings them', () => {
    const weights = { ...stack.weights, level: 'dram' };
    const changed = linesWith({ stacks: [{ ...stack, weights }, ...report.stacks.slice(1)] });
    expect(changed).toContain('  weights     80 B, read from dram by every tile   output left in dram');
    expect(text).toContain('brings the weights');
    expect(changed.join('\n')).not.toContain('brings the weights');
  });

  test('lines that are too long go on below: what is never read, and long pipelines', () => {
    const long = `partition-stacks{cuts=${Array.from({ length: 30 }, (_, i) => `layer${i}`).join(',')}},annotate-cost`;
    const changed = linesWith({
      model: { ...report.model, macs: 9e15 },
      totals: { ...report.totals, complete: true, macs: 8e15 },
      pipeline: `import-onnx,${long}`,
    });
    expect(fits(changed)).toBe(true);
    expect(changed.join('').replaceAll(' ', '')).toContain(`import-onnx,${long}`);
    expect(changed.join('\n')).toMatch(/^MACs.*never\n {20,}read, not computed$/m);
  });

  test('a search: the next stack joined against both, and how many tiles a point of the front has', () => {
    const joined = { kind: 'costs-more', exact: true, sinks: ['soft'] } as const;
    const cost = { energyPj: 2 * stack.energyPj, latencyCycles: 3 * stack.latencyCycles };
    const reason = { stack: stack.id, binding: null, nextBest: null, cutUp: null };
    const plan = { layers: [], mode: 'fully-cached', handOver: 'dram' } as const;
    const search: SearchReport = {
      objective: 'energy',
      value: 1,
      limits: { energyPj: null, latencyCycles: null },
      proven: true,
      leastOfCandidates: 1,
      bound: null,
      stacks: [{ ...reason, joined: { ...joined, ...cost } }],
      front: {
        complete: true,
        within: 0,
        points: [
          { ...cost, chosen: true, stacks: ['4x4', '8x8', '4x4', '2x2'].map((tile) => ({ ...plan, tile })) },
          { ...cost, chosen: false, stacks: ['4x4', '4x4'].map((tile) => ({ ...plan, tile })) },
        ],
      },
      counts: { stacks: 1, placedStacks: 1, evaluations: 1 },
    };
    const changed = linesWith({ search, stacks: [stack] }).join('\n');
    expect(changed).toMatch(/^ {2}with next .* \(\+100\.0 %\), .* cycles \(\+200\.0 %\)$/m);
    expect(changed).toMatch(/ 4 {2}4x4 fully-cached and 2 others {2}this schedule$/m);
    expect(changed).toMatch(/ 2 {2}4x4 fully-cached$/m);
  });
});

test('a pool has no weights, and no MACs to compute again', async () => {
  const pool = ['x = input int8 1x4x16x16', 'p = MaxPool x k=2 stride=2', 'output p'];
  const { report: pooled } = await scheduled(PROFILES.default, {
    source: { file: 'pool.onnx', bytes: modelBytes('', pool) },
    pipeline: PIPELINE.replace('8x8', '4x4'),
  });
  const all = renderText(pooled!);
  expect(all).toMatch(/^ {2}recomputed {2}0 MAC$/m);
  expect(all).toMatch(/^MACs .*0 of them recomputed$/m);
  expect(all).not.toMatch(/brings the weights|W dram/);
  expect(all).toMatch(/^ +1 +p .* - +lb_io/m);
});
