/**
 * The text dump. The tile table, the MACs and the recomputation of this network are worked out by hand in
 * docs/architecture.md (text dump); the rest of the expectation is the format itself.
 */
import { compile } from '../../../src/compile.js';
import { printIr } from '../../../src/ir/print.js';
import type { PartialIR } from '../../../src/ir/facets.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { input as schedule } from '../report/facets.js';
import { TINY_2CONV } from './tiny-2conv.js';

const { accelerator: hw } = loadAccelerator('meta-proto-df');
const PASSES = 'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks';

async function dumpOf(mode: string): Promise<string> {
  const pipeline = `${PASSES},choose-tiles{tile=14x14 mode=${mode}},tile-stacks`;
  const source = { file: 'some/folder/tiny-2conv.onnx', bytes: TINY_2CONV };
  const { ir, diagnostics } = await compile({ source, hw, pipeline });
  expect(diagnostics).toEqual([]);
  return printIr(ir);
}

test('up to the tiles, as documented', async () => {
  expect(await dumpOf('h-cached-v-recompute'))
    .toBe(`ir v1  module tiny-2conv  opset ai.onnx:17  has graph shapes layers stacks tiles

graph
  %x   input     int8 [1 3 56 56]
  %y   output    int8 [1 16 56 56]
  %w1  constant  int8 [16 3 3 3]
  %w2  constant  int8 [16 16 3 3]
  @conv1  Conv %x %w1 -> %a  kernel_shape=3,3 pads=1,1,1,1  # node[0]
  @conv2  Conv %a %w2 -> %y  kernel_shape=3,3 pads=1,1,1,1  # node[1]

shapes
  %x   int8  [1 3 56 56]    9_408 elements
  %w1  int8  [16 3 3 3]       432 elements  constant
  %w2  int8  [16 16 3 3]    2_304 elements  constant
  %a   int8  [1 16 56 56]  50_176 elements
  %y   int8  [1 16 56 56]  50_176 elements

layers
  @conv1  Conv  B1 K16 C3 OY56 OX56 FY3 FX3     W 432 B  1_354_752 MAC  mac exact
    W     8 bit              [K C FY FX]
    I     8 bit              [B C 1*OX+1*FX 1*OY+1*FY]  <- %x 3 per pixel  x window(k3 s1 d1 pad 1,1)  y window(k3 s1 d1 pad 1,1)
    O     8 bit psum 16 bit  [B K OY OX]                -> %a
    from  Conv               node[0]                    "conv1"
  @conv2  Conv  B1 K16 C16 OY56 OX56 FY3 FX3  W 2_304 B  7_225_344 MAC  mac exact
    W     8 bit              [K C FY FX]
    I     8 bit              [B C 1*OX+1*FX 1*OY+1*FY]  <- %a 16 per pixel  x window(k3 s1 d1 pad 1,1)  y window(k3 s1 d1 pad 1,1)
    O     8 bit psum 16 bit  [B K OY OX]                -> %y
    from  Conv               node[1]                    "conv2"
  maps
    %x  8 bit  56x56 x 3    9_408 B  input
    %a  8 bit  56x56 x 16  50_176 B  of @conv1
    %y  8 bit  56x56 x 16  50_176 B  of @conv2
  outputs  %y
  total  8_580_096 MAC

stacks  by auto
  $0  W 2_736 B  tile 14x14  mode h-cached-v-recompute  hand-over mem:dram  @conv1 @conv2

tiles
  $0  tile 14x14  grid 4x4 x-first  types 7  mode h-cached-v-recompute
      type         count  @conv1 I (new)  @conv1 O  @conv2 I  @conv2 O
      origin           1  16x16 (16x16)   15x15     15x15     14x14     # brings the weights
      first.edge       1  16x16 (16x16)   15x15     15x15     14x14
      inner.edge       4  16x16 (14x16)   14x15     16x15     14x14
      last.edge        2  14x16 (12x16)   13x15     15x15     14x14
      first.inner      2  16x18 (16x18)   15x16     15x16     14x14
      inner.inner      4  16x18 (14x18)   14x16     16x16     14x14
      last.inner       2  14x18 (12x18)   13x16     15x16     14x14
      column  first  x 1  tile 14  keep %x 2 keep %a 2
      column  inner  x 2  tile 14  keep %x 2 keep %a 2 held %x 2 held %a 2
      column  last   x 1  tile 14  held %x 2 held %a 2
      row     edge   x 2  tile 14
      row     inner  x 2  tile 14
      macs 8_725_248  recomputed 145_152 (+1.7 %)
`);
});

test.each([
  // Extra MACs of conv1; conv2 is the sink and never computed twice (docs/architecture.md).
  ['fully-recompute', 22.6],
  ['h-cached-v-recompute', 10.7],
  ['fully-cached', 0],
])('%s recomputes %d %% of conv1', async (mode, percent) => {
  const [, macs = '', recomputed = ''] = /macs (\S+) {2}recomputed (\S+)/.exec(await dumpOf(mode)) ?? [];
  const [all, again = NaN] = [macs, recomputed].map((text) => Number(text.replaceAll('_', '')));
  expect(all).toBe(1_354_752 + 7_225_344 + again); // both layers once, and what is computed again
  expect((100 * again) / 1_354_752).toBeCloseTo(percent, 1);
});

describe('consequences of a schedule made by hand', () => {
  const { name, workload, stacks, tiles, allocs, costs } = schedule;
  const text = printIr({ name, layers: workload, stacks, tiles, allocs, costs });

  test('facets that are not there are absent', () => {
    expect(text.match(/^\w+/gm)).toEqual(['ir', 'layers', 'stacks', 'tiles', 'allocs', 'costs']);
  });

  test.each([
    'post  Relu                            r1',
    'alias  flat  Flatten  %y',
    'passes  3',
    '$0  weights 80 B  mem:sram',
    'h-cache          16 B  read -                              write mem:sram',
    'top      @conv1        W mem:dram  I mem:sram  O mem:sram  raised I+0 O+1',
    '$1  infeasible  origin  @soft  mem:sram holds 1_024 B, needed 1_250 B',
    'copy  before %x           8 B  104.000 pJ  mem:dram -> mem:sram  stack-input %x',
    'origin x 1  658.000 pJ  60 cycles',
    'temporal  FX3          O mem:dram W mem:dram I mem:sram',
  ])('%s', (line) => {
    expect(text.split('\n').map((candidate) => candidate.trim())).toContain(line);
  });

  test('no line ends in a blank', () => {
    expect(text.split('\n').filter((line) => /\s$/.test(line))).toEqual([]);
  });
});

test('names that would break a line or a column are quoted', () => {
  const ir: PartialIR = {
    name: 'a b',
    shapes: {
      tensors: [{ name: 'x\ny', dtype: 'float', shape: [2], constant: true, values: [0.1, -Infinity] }],
    },
  };
  expect(printIr(ir)).toBe(
    'ir v1  module "a b"  has shapes\n\nshapes\n  %"x\\ny"  float  [2]  2 elements  constant {0.1 -Infinity}\n',
  );
});

test('a tile type of no column is printed as such: that is when people look', () => {
  const { tiles } = schedule;
  const [stack] = tiles.stacks;
  const types = stack!.types.map((type) => ({ ...type, column: 7 }));
  const dump = printIr({ ...schedule, tiles: { stacks: [{ ...stack!, types }] } });
  expect(dump).toContain('# of no column or row');
});
