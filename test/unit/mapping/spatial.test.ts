import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Accelerator } from '../../../src/hw/accelerator.js';
import { LOOP_DIMS, type LoopDim, type LoopSize, type Unrolling } from '../../../src/ir/layer.js';
import { chooseUnrolling, type UnrolledOperand } from '../../../src/mapping/spatial.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { builtinName } from '../../support/reference-hw.js';
import { describeWithReference } from '../../support/reference.js';

const meta = loadAccelerator('meta-proto-df').accelerator; // D1 32 [K, G], D2 2 [C], D3 4 [OX], D4 4 [OY]
const tesla = loadAccelerator('tesla-npu-like').accelerator; // D1 32 [K, G], D2 8 [OX], D3 4 [OY]

const loops = (sizes: Readonly<Partial<Record<LoopDim, number>>>): readonly LoopSize[] =>
  LOOP_DIMS.flatMap((dim) => (sizes[dim] === undefined ? [] : [{ dim, size: sizes[dim] }]));

const text = (unrolling: readonly Unrolling[]): string =>
  unrolling.map(({ array, dim, size }) => `${array}:${dim}${size}`).join(' ');

/** A made-up array; memories do not matter here. */
const arrayOf = (
  dims: Readonly<Record<string, number>>,
  spatial: Readonly<Record<string, readonly LoopDim[]>>,
) =>
  ({
    ...meta,
    array: { dims: Object.entries(dims).map(([name, size]) => ({ name, size })), macEnergyPj: 1 },
    spatial: Object.entries(spatial).map(([array, list]) => ({ array, dims: list })),
  }) satisfies Accelerator;

test.each([
  ['a convolution', { B: 1, K: 56, C: 1, OY: 550, OX: 970, FY: 5, FX: 5 }, 'D1:K32 D3:OX4 D4:OY4'], // C = 1: D2 idle
  ['few channels', { B: 1, K: 12, C: 56, OY: 3, OX: 970 }, 'D1:K12 D2:C2 D3:OX4 D4:OY3'],
  ['a depthwise convolution', { B: 1, G: 64, OY: 8, OX: 8, FY: 3, FX: 3 }, 'D1:G32 D3:OX4 D4:OY4'],
  [
    'a grouped one takes the larger of K and G',
    { B: 1, G: 16, K: 8, C: 8, OY: 8, OX: 8 },
    'D1:G16 D2:C2 D3:OX4 D4:OY4',
  ],
  ['a tie goes to the first in the list', { B: 1, G: 64, K: 64, C: 8, OY: 1, OX: 1 }, 'D1:K32 D2:C2'],
  ['nothing to unroll', { B: 4, FY: 3 }, ''],
])('meta-proto-df: %s', (_, sizes, expected) => {
  expect(text(chooseUnrolling(meta, loops(sizes)))).toBe(expected);
});

test('no C on tesla-npu-like', () => {
  expect(text(chooseUnrolling(tesla, loops({ B: 1, K: 64, C: 64, OY: 56, OX: 56 })))).toBe(
    'D1:K32 D2:OX8 D3:OY4',
  );
});

test('a loop dim is not taken twice: the second array dimension takes its next choice', () => {
  const hw = arrayOf({ D1: 8, D2: 8 }, { D1: ['K'], D2: ['K', 'C'] });
  expect(text(chooseUnrolling(hw, loops({ K: 64, C: 4 })))).toBe('D1:K8 D2:C4');
});

test('a prescribed mapping goes first, cut to array and layer, in array order', () => {
  const prescribed: Unrolling[] = [
    { array: 'D2', dim: 'OX', size: 7 },
    { array: 'D1', dim: 'K', size: 99 },
    { array: 'D3', dim: 'OY', size: 4 },
  ];
  expect(text(chooseUnrolling(tesla, loops({ K: 64, OX: 56, OY: 1 }), prescribed))).toBe('D1:K32 D2:OX7');
});

describe('a loop dim that no register can feed is passed over', () => {
  const ascend = loadAccelerator('ascend-like').accelerator; // rf_2B for O serves D2, 16 units
  const softmax = [
    { path: 'O', bits: 8, dims: ['B', 'C', 'OY', 'OX'] },
    { path: 'I', bits: 8, dims: ['B', 'C', 'OY', 'OX'] },
  ] as const;
  const choose = (C: number, bits = 8): string => {
    const operands = softmax.map((operand): UnrolledOperand => ({ ...operand, bits }));
    return text(chooseUnrolling(ascend, loops({ B: 1, C, OY: 8, OX: 8 }), undefined, operands));
  };

  test('16 outputs of 8 bit do not fit a register of 16 bit: D2 stays idle', () => {
    expect(choose(1000)).toBe('D3:OX2 D4:OY2');
    expect(text(chooseUnrolling(ascend, loops({ B: 1, C: 1000, OY: 8, OX: 8 })))).toBe(
      'D2:C16 D3:OX2 D4:OY2',
    );
  });

  test('two of 8 bit do, two of 16 bit do not', () => {
    expect(choose(2)).toBe('D2:C2 D3:OX2 D4:OY2');
    expect(choose(2, 16)).toBe('D3:OX2 D4:OY2');
  });

  test('the units at work count, not those there are', () => {
    const hw = arrayOf({ D2: 16 }, { D2: ['K'] }); // rf_2B of meta-proto-df serves D2: 16 bit
    const output = { path: 'O', bits: 1, dims: ['K'] } as const;
    const chosen = (K: number): string => text(chooseUnrolling(hw, loops({ K }), undefined, [output]));
    expect(chosen(16)).toBe('D2:K16'); // 16 x 1 bit
    const wider = { ...output, bits: 1.5 };
    expect(text(chooseUnrolling(hw, loops({ K: 16 }), undefined, [wider]))).toBe(''); // 24 bit
    expect(text(chooseUnrolling(hw, loops({ K: 17 }), undefined, [wider]))).toBe('D2:K16'); // 9 units: 13.5 bit
  });

  test('both inputs of an elementwise layer share the path', () => {
    const hw = arrayOf({ D3: 4 }, { D3: ['OX'] }); // rf_1B for W serves D3: 8 bit
    const one = { path: 'W', bits: 2, dims: ['OX'] } as const;
    expect(text(chooseUnrolling(hw, loops({ OX: 4 }), undefined, [one]))).toBe('D3:OX4'); // 4 x 2 bit
    expect(text(chooseUnrolling(hw, loops({ OX: 4 }), undefined, [one, { ...one, bits: 1 }]))).toBe(''); // 12 bit
  });

  test('what indexes no operand, and prescribed mappings, are left alone', () => {
    const weight = { path: 'W', bits: 8, dims: ['K', 'C'] } as const;
    expect(text(chooseUnrolling(meta, loops({ K: 64, C: 8, OX: 8, OY: 8 }), undefined, [weight]))).toBe(
      'D1:K32 D2:C2 D3:OX4 D4:OY4',
    );
    const prescribed: Unrolling[] = [{ array: 'D2', dim: 'C', size: 16 }];
    expect(text(chooseUnrolling(ascend, loops({ C: 64 }), prescribed, softmax))).toBe('D2:C16');
  });
});

test('laws: array order, no dim twice, sizes within array and layer, no better choice left', () => {
  const sizes = fc.dictionary(fc.constantFrom(...LOOP_DIMS), fc.integer({ min: 1, max: 40 }));
  const lists = fc.tuple(
    ...['D1', 'D2', 'D3'].map(() => fc.uniqueArray(fc.constantFrom(...LOOP_DIMS), { maxLength: 4 })),
  );
  fc.assert(
    fc.property(
      sizes,
      lists,
      fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 3, maxLength: 3 }),
      (s, l, u) => {
        const hw = arrayOf({ D1: u[0]!, D2: u[1]!, D3: u[2]! }, { D1: l[0]!, D2: l[1]!, D3: l[2]! });
        const found = chooseUnrolling(hw, loops(s));
        const arrays = found.map(({ array }) => array);
        expect(arrays).toEqual([...arrays].sort());
        expect(new Set(found.map(({ dim }) => dim)).size).toBe(found.length);
        ['D1', 'D2', 'D3'].forEach((array, i) => {
          const earlier = found.filter((x) => x.array < array).map(({ dim }) => dim);
          const open = l[i]!.filter((dim) => !earlier.includes(dim)).map((dim) =>
            Math.min(u[i]!, s[dim] ?? 1),
          );
          const best = Math.max(1, ...open);
          expect(found.find((x) => x.array === array)?.size ?? 1).toBe(best);
        });
      },
    ),
    { seed: 2023, numRuns: 300 },
  );
});

interface TableLayer {
  readonly id: number;
  readonly equation: string;
  readonly loop_dim_size: Readonly<Partial<Record<LoopDim, number>>>;
  readonly spatial_mapping: Readonly<Record<string, readonly [LoopDim, number]>>;
}

describeWithReference('published mappings', (folder) => {
  const path = join(folder, 'reference/workloads');
  const files = readdirSync(path).map((file) => file.replace('.json', ''));

  /** Layers of a table whose own mapping, cut to array and layer, is not what the rule chooses. */
  const differences = (file: string): readonly string[] => {
    const [architecture = ''] = file.split('__');
    const hw = loadAccelerator(builtinName(architecture)).accelerator;
    const table = JSON.parse(readFileSync(join(path, `${file}.json`), 'utf8')) as { layers: TableLayer[] };
    return table.layers
      .filter(({ equation }) => equation !== 'input')
      .flatMap(({ id, loop_dim_size, spatial_mapping }) => {
        const published = hw.array.dims.flatMap(({ name, size }) => {
          const [dim, request] = spatial_mapping[name] ?? ['B', 1];
          const used = Math.min(request, size, loop_dim_size[dim] ?? 1);
          return used > 1 ? [{ array: name, dim, size: used }] : [];
        });
        const chosen = text(chooseUnrolling(hw, loops(loop_dim_size)));
        return chosen === text(published) ? [] : [`${id} ${text(published)} -> ${chosen}`];
      });
  };

  /** Where the published tables unroll less than the array would allow. */
  const KNOWN: Readonly<Record<string, readonly string[]>> = {
    Ascend_like__mobilenetv1: ['27 D1:G8 -> D1:G16'],
    Ascend_like__resnet18: ['0 D1:K16 D2:C2 D3:OX2 D4:OY2 -> D1:K16 D2:C3 D3:OX2 D4:OY2'],
    Tesla_NPU_like__resnet18: ['20 D1:K32', '21 D1:K32', '22 D1:G32', '23 D1:K32'].map(
      (layer) => `${layer} D2:OX7 D3:OY4 -> ${layer.slice(3)} D2:OX8 D3:OY4`,
    ),
  };

  test('there are 25 tables', () => expect(files).toHaveLength(25));

  test.each(files)('%s', (file) => {
    expect(differences(file)).toEqual(KNOWN[file] ?? []);
  });
});
