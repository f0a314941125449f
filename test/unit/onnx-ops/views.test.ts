/** Views and moves: Reshape and its kind, Concat, Split, Slice, Gather along channels and along pixels. */
import { dims, lowered, mapSize, nest, sources } from '../../support/lowered.js';
import {
  int64,
  type AttrSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../support/onnx-model.js';

type Attrs = Record<string, AttrSpec>;

const IMAGE = [1, 8, 6, 10];
const W8: TensorSpec = { shape: [8, 8, 1, 1] };
const conv = (input: string, output: string, weights = 'w'): NodeSpec => ({
  op: 'Conv',
  name: output,
  in: [input, weights],
  out: [output],
});

/** Layers `a` and `b` on x, then the nodes. */
const behind = (
  nodes: readonly NodeSpec[],
  initializers: Record<string, TensorSpec> = {},
  outputs: readonly string[] = ['y'],
): ModelSpec => ({
  inputs: { x: IMAGE },
  outputs,
  initializers: { w: W8, w16: { shape: [8, 16, 1, 1] }, w3: { shape: [8, 3, 1, 1] }, ...initializers },
  nodes: [conv('x', 'a'), conv('x', 'b'), ...nodes],
});

describe('views along channels cost nothing', () => {
  test('Concat: the reader has several sources', async () => {
    const { layer, workload } = await lowered(
      behind([
        { op: 'Concat', name: 'cat', in: ['a', 'b'], out: ['c'], attrs: { axis: 1 } },
        conv('c', 'y', 'w16'),
      ]),
    );
    expect(sources(layer('y'), 'I')).toEqual(['%a:8 same same', '%b:8 same same']);
    expect(workload.aliases).toEqual([{ op: 'Concat', name: 'cat', of: ['%a', '%b'] }]);
  });

  test('Slice: the reader takes fewer elements per pixel', async () => {
    const { layer } = await lowered(
      behind(
        [{ op: 'Slice', name: 'cut', in: ['a', 'lo', 'hi', 'axis'], out: ['c'] }, conv('c', 'y', 'w3')],
        {
          lo: int64(2),
          hi: int64(5),
          axis: int64(1),
        },
      ),
    );
    expect(sources(layer('y'), 'I')).toEqual(['%a:3 same same']);
  });

  test('a slice of a concatenation finds the maps it touches', async () => {
    const { layer } = await lowered(
      behind(
        [
          { op: 'Concat', name: 'cat', in: ['a', 'b'], out: ['c'], attrs: { axis: 1 } },
          { op: 'Split', name: 'split', in: ['c', 'sizes'], out: ['d', 'e', 'f'], attrs: { axis: 1 } },
          conv('e', 'y', 'w3'),
        ],
        { sizes: int64(6, 3, 7) },
      ),
    );
    // channels 6 to 8: two of a, one of b
    expect(sources(layer('y'), 'I')).toEqual(['%a:2 same same', '%b:1 same same']);
  });

  test.each([
    ['each second', 0, 100, 2],
    ['each second, odd', 1, 16, 2],
    ['each third from the end', -1, -100, -3],
    ['in reverse', -1, -100, -1],
    ['beyond the first map', 9, 16, 4],
  ])('Slice of a concatenation: %s', async (_name, start, end, step) => {
    const taken = Array.from({ length: 16 }, (_, i) => i)
      .map((i) => (step > 0 ? i : 15 - i))
      .filter((i) => {
        const [first, last] = [(start + 16) % 16, Math.min(end, 16)];
        return step > 0 ? i >= first && i < last && (i - first) % step === 0 : (first - i) % step === 0;
      });
    const { layer } = await lowered(
      behind(
        [
          { op: 'Concat', name: 'cat', in: ['a', 'b'], out: ['c'], attrs: { axis: 1 } },
          { op: 'Slice', name: 'cut', in: ['c', 'lo', 'hi', 'axis', 'step'], out: ['d'] },
          { op: 'Slice', name: 'first', in: ['d', 'zero', 'two', 'axis'], out: ['e'] },
          conv('d', 'y', 'wd'),
          conv('e', 'z', 'we'),
        ],
        {
          ...{ lo: int64(start), hi: int64(end), axis: int64(1), step: int64(step) },
          ...{ zero: int64(0), two: int64(2) },
          ...{ wd: { shape: [8, taken.length, 1, 1] }, we: { shape: [8, 2, 1, 1] } },
        },
        ['y', 'z'],
      ),
    );
    // channels 0 to 7 are of a, 8 to 15 of b
    const readOf = (channels: readonly number[]): readonly string[] =>
      [...new Set(channels.map((i) => (i < 8 ? 'a' : 'b')))].map(
        (map) => `%${map}:${channels.filter((i) => i < 8 === (map === 'a')).length} same same`,
      );
    expect(sources(layer('y'), 'I')).toEqual(readOf(taken));
    expect(sources(layer('z'), 'I')).toEqual(readOf(taken.slice(0, 2)));
  });

  test('a single channel by Gather', async () => {
    const { layer } = await lowered(
      behind(
        [
          { op: 'Gather', name: 'pick', in: ['a', 'at'], out: ['c'], attrs: { axis: 1 } },
          conv('c', 'y', 'w1'),
        ],
        {
          at: int64(3),
          w1: { shape: [2, 1, 1, 1] },
        },
      ),
    );
    expect(sources(layer('y'), 'I')).toEqual(['%a:1 same same']);
  });

  test('an output that is a view counts the maps behind it', async () => {
    const { workload } = await lowered(
      behind([{ op: 'Concat', name: 'cat', in: ['a', 'b'], out: ['y'], attrs: { axis: 1 } }]),
    );
    expect(workload.outputs).toEqual(['%a', '%b']);
  });

  test('axes of size 1 may come, go and move', async () => {
    const { layer, workload } = await lowered(
      behind(
        [
          { op: 'Transpose', name: 't', in: ['a'], out: ['c'], attrs: { perm: [1, 0, 2, 3] } },
          { op: 'Reshape', name: 'r', in: ['c', 'shape'], out: ['d'] },
          conv('d', 'y'),
        ],
        { shape: int64(1, 8, 6, 10) },
      ),
    );
    expect(workload.aliases.map(({ op }) => op)).toEqual(['Transpose', 'Reshape']);
    expect(sources(layer('y'), 'I')).toEqual(['%a:8 same same']);
  });

  test('pixels that a reshape turns into rows are read whole, then go on as rows', async () => {
    const { layer, workload } = await lowered(
      behind(
        [
          { op: 'Reshape', name: 'r', in: ['a', 'shape'], out: ['c'] },
          { op: 'Transpose', name: 't', in: ['c'], out: ['d'], attrs: { perm: [0, 2, 1] } },
          { op: 'MatMul', name: 'mm', in: ['d', 'k'], out: ['y'] },
        ],
        { shape: int64(1, 8, -1), k: { shape: [8, 4] } },
      ),
    );
    expect(sources(layer('t'), 'I')).toEqual(['%a:8 full full']);
    expect(mapSize(workload, '%d')).toBe('1x60x8'); // pixels have become rows
    expect(nest(layer('mm'))).toBe('B1 K4 C8 OY60');
    expect(sources(layer('mm'), 'I')).toEqual(['%d:8 same same']);
  });
});

describe('moves along rows and columns', () => {
  test('Slice with a step', async () => {
    const { layer } = await lowered(
      behind([{ op: 'Slice', name: 'y', in: ['a', 'lo', 'hi', 'axes', 'step'], out: ['y'] }], {
        lo: int64(1, 3),
        hi: int64(100, 9),
        axes: int64(1, 3),
        step: int64(2, 2),
      }),
    );
    // channels 1 3 5 7 of 8, columns 3 5 7
    expect(nest(layer('y'))).toBe('B1 G4 OY6 OX3');
    expect(sources(layer('y'), 'I')).toEqual(['%a:4 (2o+3..3)/1 same']);
    expect(layer('y')).toMatchObject({ kind: 'move', coverage: 'exact', macs: 0 });
  });

  test('Split makes one move per part that is read', async () => {
    const { workload, layer } = await lowered(
      behind(
        [
          { op: 'Split', name: 'split', in: ['a', 'sizes'], out: ['c', 'd', 'e'], attrs: { axis: 2 } },
          { op: 'Concat', name: 'cat', in: ['e', 'c'], out: ['y'], attrs: { axis: 2 } },
        ],
        { sizes: int64(1, 2, 3) },
      ),
    );
    expect(workload.layers.map(({ id }) => id)).toEqual(['@a', '@split', '@split.2', '@cat']);
    expect(sources(layer('split.2'), 'I')).toEqual(['%a:8 same (1o+3..3)/1']);
    expect(nest(layer('cat'))).toBe('B1 G8 OY4 OX10');
    expect(sources(layer('cat'), 'I')).toEqual(['%e:8 same (1o+0..0)/1', '%c:8 same (1o+-3..-3)/1']);
  });

  test('Pad, Transpose, DepthToSpace, SpaceToDepth, Tile, Expand', async () => {
    const cases: [string, Attrs, Record<string, TensorSpec>, string, string][] = [
      ['Pad', {}, { i: int64(0, 0, 1, 2, 0, 0, 3, 4) }, 'B1 G8 OY10 OX16', '%a:8 k1s1d1p2,4 k1s1d1p1,3'],
      [
        'Pad',
        { mode: 'reflect' },
        { i: int64(0, 0, 1, 0, 0, 0, 3, 0) },
        'B1 G8 OY10 OX10',
        '%a:8 same (1o+-1..-1)/1 border 1,3',
      ],
      ['Transpose', { perm: [0, 1, 3, 2] }, {}, 'B1 G8 OY6 OX10', '%a:8 same same'],
      ['Transpose', { perm: [0, 2, 3, 1] }, {}, 'B1 G8 OY6 OX10', '%a:8 same same'],
      ['DepthToSpace', { blocksize: 2 }, {}, 'B1 G2 OY12 OX20', '%a:8 (1o+0..0)/2 (1o+0..0)/2'],
      ['SpaceToDepth', { blocksize: 2 }, {}, 'B1 G32 OY3 OX5', '%a:8 (2o+0..1)/1 (2o+0..1)/1'],
      ['Tile', {}, { i: int64(1, 2, 1, 3) }, 'B1 G16 OY6 OX30', '%a:8 full same'],
      ['Expand', {}, { i: int64(5, 8, 6, 10) }, 'B5 G8 OY6 OX10', '%a:8 same same'],
    ];
    for (const [op, attrs, initializers, loops, region] of cases) {
      const inputs = ['a', ...Object.keys(initializers)];
      const { layer } = await lowered(
        behind([{ op, name: 'y', in: inputs, out: ['y'], attrs }], initializers),
      );
      expect([op, nest(layer('y')), sources(layer('y'), 'I')]).toEqual([op, loops, [region]]);
    }
  });

  test('a transposed image is laid out along its new axes', async () => {
    const { layer, workload } = await lowered(
      behind([
        { op: 'Transpose', name: 't', in: ['a'], out: ['c'], attrs: { perm: [0, 1, 3, 2] } },
        conv('c', 'y'),
      ]),
    );
    expect(mapSize(workload, '%c')).toBe('10x6x8');
    // The convolution calls columns what is stored as rows.
    expect(sources(layer('y'), 'I')).toEqual(['%c:8 full full']);
  });

  test.each([
    ['columns alone', [1, 8, 1, 10], true],
    ['rows alone', [1, 8, 10, 1], true],
    ['rows and columns', [1, 8, 5, 2], false],
  ])('channels last of %s', async (_name, shape, isFree) => {
    const { layer, workload } = await lowered({
      inputs: { x: shape },
      outputs: ['y'],
      initializers: { w: W8, m: { shape: [8, 3] } },
      nodes: [
        conv('x', 'a'),
        { op: 'Transpose', name: 't', in: ['a'], out: ['c'], attrs: { perm: [0, 2, 3, 1] } },
        { op: 'MatMul', name: 'mm', in: ['c', 'm'], out: ['y'] },
      ],
    });
    // Ten pixels of eight channels, in either order of loops; an image is laid out anew.
    expect(workload.layers).toHaveLength(isFree ? 2 : 3);
    expect(sources(layer('mm'), 'I')).toEqual([isFree ? '%a:8 same same' : '%c:8 same same']);
    expect(workload.macs).toBe(10 * 8 * 8 + 10 * 8 * 3);
  });

  test('the order of channels is that of the features', async () => {
    const { layer } = await lowered({
      inputs: { x: [1, 2, 3, 10] },
      outputs: ['y'],
      initializers: { w: { shape: [6, 6, 1] }, six: int64(1, 6, 10), split: int64(1, 2, 3, 10) },
      nodes: [
        { op: 'Reshape', name: 'r', in: ['x', 'six'], out: ['z'] },
        conv('z', 'a'),
        { op: 'Reshape', name: 's', in: ['a', 'split'], out: ['c'] },
        // Channels 0 3 1 4 2 5: no matter of loops.
        { op: 'Transpose', name: 't', in: ['c'], out: ['y'], attrs: { perm: [0, 2, 1, 3] } },
      ],
    });
    expect(nest(layer('t'))).toBe('B1 G6 OY1 OX10');
  });

  test('an image that comes with channels last is stored by rows and columns', async () => {
    const { layer, workload } = await lowered({
      inputs: { x: [1, 6, 10, 8] },
      outputs: ['y'],
      initializers: { w: W8 },
      nodes: [
        { op: 'Relu', name: 'r', in: ['x'], out: ['p'] },
        { op: 'Transpose', name: 't', in: ['p'], out: ['a'], attrs: { perm: [0, 3, 1, 2] } },
        conv('a', 'y'),
      ],
    });
    expect(mapSize(workload, '%x')).toBe('10x6x8');
    expect(sources(layer('y'), 'I')).toEqual(['%a:8 same same']);
  });

  test('an embedding reads one row of the table per index', async () => {
    const { only, workload } = await lowered({
      type: 7,
      inputs: { ids: [2, 5] },
      outputs: ['y'],
      initializers: { table: { shape: [1000, 16] } },
      nodes: [{ op: 'Gather', name: 'embed', in: ['table', 'ids'], out: ['y'] }],
    });
    expect(nest(only)).toBe('B1 G16 OY10 OX1');
    expect(mapSize(workload, '%ids')).toBe('1x10x1');
    expect(dims(only, 'I')).toBe('OY OX');
    expect(sources(only, 'I')).toEqual(['%ids:1 same same']);
    expect(only.inputs[1]!.bits).toBe(64);
    expect(only.weightBits).toBe(10 * 16 * 8);
  });

  test('a part without elements is no part', async () => {
    const { layer } = await lowered(
      behind(
        [
          { op: 'Slice', name: 'none', in: ['b', 'lo', 'lo', 'axis'], out: ['n'] },
          { op: 'Concat', name: 'cat', in: ['n', 'a'], out: ['c'], attrs: { axis: 1 } },
          conv('c', 'y'),
        ],
        { lo: int64(3), axis: int64(1) },
      ),
    );
    expect(sources(layer('y'), 'I')).toEqual(['%a:8 same same']);
  });

  test('rows that fold several axes are needed whole when an inner one is cut or widened', async () => {
    const cut = async (batch: number): Promise<readonly string[]> => {
      const { layer } = await lowered({
        inputs: { x: [batch, 7, 4] },
        outputs: ['y'],
        initializers: { w: { shape: [4, 4] }, lo: int64(2), hi: int64(5), axis: int64(1) },
        nodes: [
          { op: 'MatMul', name: 'mm', in: ['x', 'w'], out: ['a'] },
          { op: 'Slice', name: 'cut', in: ['a', 'lo', 'hi', 'axis'], out: ['y'] },
        ],
      });
      return sources(layer('cut'), 'I');
    };
    expect(await cut(1)).toEqual(['%a:4 same (1o+2..2)/1']);
    expect(await cut(2)).toEqual(['%a:4 same full']);
    const { layer } = await lowered({
      inputs: { x: [1, 6, 1, 4] },
      outputs: ['y'],
      initializers: { w: { shape: [4, 4] }, pads: int64(0, 0, 1, 0, 0, 0, 1, 0) },
      nodes: [
        { op: 'MatMul', name: 'mm', in: ['x', 'w'], out: ['a'] },
        { op: 'Pad', name: 'pad', in: ['a', 'pads'], out: ['y'] },
      ],
    });
    // Six lines of one token become six of three.
    expect(sources(layer('pad'), 'I')).toEqual(['%a:4 same full']);
  });

  test('of rows that fold several axes, a range of the outermost is a range of rows', async () => {
    const moved = async (op: NodeSpec): Promise<readonly string[]> => {
      const { layer } = await lowered({
        inputs: { x: [5, 7, 4] },
        outputs: ['y'],
        initializers: {
          ...{
            w: { shape: [4, 4] },
            lo: int64(4),
            lower: int64(2),
            hi: int64(1),
            back: int64(-1),
            axis: int64(0),
          },
          ...{
            step: int64(2),
            pads: int64(2, 0, 0, 1, 0, 0),
            both: int64(2, 0),
            ends: int64(4, 5),
            axes: int64(0, 1),
          },
        },
        nodes: [
          { op: 'MatMul', name: 'mm', in: ['x', 'w'], out: ['a'] },
          { ...op, name: 'move', out: ['y'] },
        ],
      });
      return sources(layer('move'), 'I');
    };
    const slice = (...rest: string[]): NodeSpec => ({ op: 'Slice', in: ['a', ...rest], out: [] });
    // Items of seven rows.
    expect(await moved(slice('lower', 'lo', 'axis'))).toEqual(['%a:4 same (1o+14..14)/1']);
    expect(await moved({ op: 'Concat', in: ['a', 'a'], out: [], attrs: { axis: 0 } })).toEqual([
      '%a:4 same (1o+0..0)/1',
      '%a:4 same (1o+-35..-35)/1',
    ]);
    expect(await moved({ op: 'Pad', in: ['a', 'pads'], out: [] })).toEqual(['%a:4 same k1s1d1p14,7']);
    const mode = (name: string): NodeSpec => ({
      op: 'Pad',
      in: ['a', 'pads'],
      out: [],
      attrs: { mode: name },
    });
    for (const op of [
      mode('edge'),
      mode('reflect'),
      slice('lo', 'hi', 'axis', 'back'),
      slice('hi', 'lo', 'axis', 'step'),
      slice('both', 'ends', 'axes'),
    ])
      expect(await moved(op)).toEqual(['%a:4 same full']);
  });

  test('a token by index is one row', async () => {
    const { layer, workload } = await lowered({
      inputs: { x: [1, 7, 4] },
      outputs: ['y'],
      initializers: { w: { shape: [4, 4] }, first: { shape: [], type: 7, fields: { int64Data: [0] } } },
      nodes: [
        { op: 'MatMul', name: 'mm', in: ['x', 'w'], out: ['a'] },
        { op: 'Gather', name: 'cls', in: ['a', 'first'], out: ['c'], attrs: { axis: 1 } },
        { op: 'Gemm', name: 'fc', in: ['c', 'w'], out: ['y'] },
      ],
    });
    expect(sources(layer('cls'), 'I')).toEqual(['%a:4 same (1o+0..0)/1']);
    expect(mapSize(workload, '%c')).toBe('1x1x4');
    expect(sources(layer('fc'), 'I')).toEqual(['%c:4 same same']);
  });
});
