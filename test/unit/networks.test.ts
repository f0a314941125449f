import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildNetworks } from '../../models/networks/build.js';
import type { Graph, GraphNode } from '../../src/ir/tensor.js';
import { wholeOperandsFirst } from '../../src/analysis/layer-order.js';
import { cutUnits } from '../../src/analysis/legal-stacks.js';
import { fuseUnits } from '../../src/analysis/partition.js';
import { verifyWorkload } from '../../src/ir/verify/layers.js';
import { inferTensors } from '../../src/onnx/infer.js';
import { lowerGraph } from '../../src/onnx/lower.js';
import { OPTIONS } from '../support/lowered.js';
import { imported, normalized } from '../support/import-model.js';
import { describeWithReference, projectFolder } from '../support/reference.js';

const FOLDER = join(projectFolder(), 'models/networks');
const FILES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.onnx'))
  .sort();
const read = (file: string): Buffer => readFileSync(join(FOLDER, file));

type Shape = readonly number[];
const ints = (node: GraphNode, name: string): readonly number[] => {
  const attribute = node.attributes[name];
  return attribute?.kind === 'ints' ? attribute.value : [];
};
const product = (sizes: Shape): number => sizes.reduce((a, b) => a * b, 1);

/** Constants by name: ConstantOfShape filled from its shape initializer. */
function constantShapes(graph: Graph): Map<string, Shape> {
  const made = graph.nodes.filter(({ opType }) => opType === 'ConstantOfShape');
  return new Map(
    made.map((node) => [
      node.outputs[0] ?? '',
      graph.initializers.find(({ name }) => name === node.inputs[0])?.values ?? [],
    ]),
  );
}

interface Traced {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly macs: number;
  readonly convolutions: readonly { readonly name: string; readonly kernel: Shape; readonly output: Shape }[];
}

/** An independent walk for the few operators of these networks: shapes and multiply-accumulates. */
function trace(graph: Graph): Traced {
  const weights = constantShapes(graph);
  const shapes = new Map<string, Shape>(
    graph.inputs.map(({ name, shape }) => [
      name,
      (shape ?? []).map((dim) => (dim.kind === 'fixed' ? dim.size : NaN)),
    ]),
  );
  let macs = 0;
  const convolutions: { name: string; kernel: Shape; output: Shape }[] = [];
  const spatial = (node: GraphNode, [, , rows = 0, columns = 0]: Shape): Shape => {
    const [kernelY = 0, kernelX = 0] = ints(node, 'kernel_shape');
    const [top = 0, left = 0, bottom = 0, right = 0] = ints(node, 'pads');
    const [strideY = 1, strideX = 1] = ints(node, 'strides');
    return [
      Math.floor((rows + top + bottom - kernelY) / strideY) + 1,
      Math.floor((columns + left + right - kernelX) / strideX) + 1,
    ];
  };
  for (const node of graph.nodes) {
    if (node.opType === 'ConstantOfShape') continue;
    const x = shapes.get(node.inputs[0] ?? '') ?? [];
    const w = weights.get(node.inputs[1] ?? '') ?? [];
    let y = x;
    if (node.opType === 'Conv') {
      const group = node.attributes['group']?.value;
      expect(w[1]).toBe((x[1] ?? 0) / Number(group));
      expect(ints(node, 'kernel_shape')).toEqual(w.slice(2));
      y = [x[0] ?? 0, w[0] ?? 0, ...spatial(node, x)];
      macs += product(y) * product(w.slice(1));
      convolutions.push({ name: node.name, kernel: w, output: y });
    } else if (node.opType === 'MaxPool') y = [...x.slice(0, 2), ...spatial(node, x)];
    else if (node.opType === 'GlobalAveragePool') y = [...x.slice(0, 2), 1, 1];
    else if (node.opType === 'Flatten') y = [x[0] ?? 0, product(x.slice(1))];
    else if (node.opType === 'Gemm') {
      expect(w[1]).toBe(x[1]);
      y = [x[0] ?? 0, w[0] ?? 0];
      macs += product(w);
    } else if (node.opType === 'Add') expect(shapes.get(node.inputs[1] ?? '')).toEqual(x);
    else expect(['BatchNormalization', 'Relu', 'Softmax']).toContain(node.opType);
    shapes.set(node.outputs[0] ?? '', y);
  }
  return { shapes, macs, convolutions };
}

describe('the files', () => {
  test('are what build.ts makes, byte for byte', () => {
    const built = buildNetworks();
    expect(FILES).toEqual([
      ...['bert-base-layer.onnx', 'dmcnnvd.onnx', 'fsrcnn.onnx', 'llama-decode.onnx', 'llama-prefill.onnx'],
      ...['mccnn.onnx', 'mobilenetv1.onnx', 'resnet18.onnx', 'vit-tiny-block.onnx'],
    ]);
    expect(Object.keys(built).sort()).toEqual(FILES);
    for (const file of FILES) expect(Buffer.compare(read(file), Buffer.from(built[file] ?? []))).toBe(0);
  });

  test.each(FILES)('%s is below 100 kB and imports without a word', async (file) => {
    expect(read(file).length).toBeLessThan(100_000);
    expect((await normalized(read(file))).codes).toEqual([]);
  });
});

describe('the networks', () => {
  // Outputs as batch, channels, rows, columns. MACs of the chains: sum of output rows x columns x K x C x kernel;
  // issue figures 8.363, 52.279 and 278.813 GMAC. ResNet18: torchvision's 1,814,073,344. MobileNetV1: 568,740,352.
  test.each([
    ['fsrcnn.onnx', [1, 1, 554, 974], [1, 16, 540, 960], 8_362_594_208],
    ['mccnn.onnx', [1, 1, 1250, 384], [1, 64, 1242, 376], 52_278_792_192],
    ['dmcnnvd.onnx', [1, 3, 552, 808], [1, 3, 512, 768], 278_813_332_224],
    ['mobilenetv1.onnx', [1, 3, 224, 224], [1, 1000], 568_740_352],
    ['resnet18.onnx', [1, 3, 224, 224], [1, 1000], 1_814_073_344],
  ])('%s', async (file, input, output, macs) => {
    const { graph } = await imported(read(file));
    const traced = trace(graph);
    expect(traced.shapes.get('input')).toEqual(input);
    expect(traced.shapes.get('output')).toEqual(output);
    expect(
      graph.outputs.map(({ shape }) => shape?.map((dim) => (dim.kind === 'fixed' ? dim.size : NaN))),
    ).toEqual([output]);
    expect(traced.macs).toBe(macs);
  });

  test('the three chains are convolutions alone, without bias', async () => {
    for (const file of ['fsrcnn.onnx', 'mccnn.onnx', 'dmcnnvd.onnx']) {
      const { graph } = await imported(read(file));
      const computing = graph.nodes.filter(({ opType }) => opType !== 'ConstantOfShape');
      expect(new Set(computing.map(({ opType, inputs }) => `${opType}/${inputs.length}`))).toEqual(
        new Set(['Conv/2']),
      );
      expect(computing.map(({ name }) => name)).toEqual(computing.map((_, k) => `conv${k + 1}`));
    }
  });
});

/** Projections: tokens x weights; attention: two products of heads x tokens x keys x depth. */
describe('the transformer layers', () => {
  test.each([
    ['vit-tiny-block.onnx', 197 * (4 * 192 * 192 + 2 * 192 * 768) + 2 * 197 * 197 * 192],
    ['bert-base-layer.onnx', 128 * (4 * 768 * 768 + 2 * 768 * 3072) + 2 * 128 * 128 * 768],
    ['llama-prefill.onnx', 512 * (2 * 2048 * 2048 + 2 * 2048 * 512 + 3 * 2048 * 8192) + 2 * 512 * 512 * 2048],
    ['llama-decode.onnx', 2 * 2048 * 2048 + 2 * 2048 * 512 + 3 * 2048 * 8192 + 2 * 512 * 2048],
  ])('%s: MACs, and what is made of it', async (file, macs) => {
    const { graph } = await normalized(read(file));
    const workload = wholeOperandsFirst(
      lowerGraph(
        graph,
        inferTensors(graph, {}, () => undefined),
        OPTIONS,
        () => undefined,
      ),
    );
    expect(verifyWorkload(workload)).toEqual([]);
    expect(workload.macs).toBe(macs);
    const ids = workload.layers.map(({ id }) => id);
    // Keys and values first; then query, scores, softmax, values and output projection in one stretch.
    const stacks = fuseUnits(workload, cutUnits(workload), Infinity, 'respected');
    const fused = stacks.find((stack) => stack.some(({ id }) => id === '@attn.scores'))!.map(({ id }) => id);
    expect(fused).toEqual(expect.arrayContaining(['@attn.q', '@attn.softmax', '@attn.values', '@attn.out']));
    expect(fused).not.toContain('@attn.k');
    expect(fused).not.toContain('@attn.v');
    expect(ids.indexOf(fused[0]!)).toBeGreaterThan(ids.indexOf('@attn.v' as (typeof ids)[number]));
    // Nothing is shattered: normalizations, GELU and SiLU are one operation each, heads cost nothing.
    const ops = workload.layers.map(({ op }) => op);
    expect(ops).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/ReduceMean|Erf|Transpose|Expand/)]),
    );
    expect(workload.layers.flatMap(({ postOps }) => postOps.map(({ op }) => op))).toContain(
      file.startsWith('llama') ? 'Swish' : 'Gelu',
    );
  });

  test('four heads of queries share one of keys; cached keys are read where they lie', async () => {
    const { graph } = await normalized(read('llama-decode.onnx'));
    const workload = lowerGraph(
      graph,
      inferTensors(graph, {}, () => undefined),
      OPTIONS,
      () => undefined,
    );
    const scores = workload.layers.find(({ id }) => id === '@attn.scores')!;
    expect(scores.loops.map(({ dim, size }) => `${dim}${size}`).join(' ')).toBe('B4 G8 K512 C64 OY1');
    const [keys] = scores.inputs;
    expect(keys!.dims).toEqual(['G', 'K', 'C']);
    const sizes = keys!.sources.map(({ map: id, elementsPerPixel, y }) => {
      const map = workload.maps.find((one) => one.id === id)!;
      expect(map.height === 1 || y.kind === 'full').toBe(true);
      return [id, map.width * map.height * elementsPerPixel];
    });
    expect(sizes).toEqual([
      ['%past_key', 8 * 511 * 64],
      ['%attn.rope_k.add.out', 8 * 64],
    ]);
  });
});

interface Table {
  readonly layers: readonly {
    readonly id: number;
    readonly loop_dim_size: Readonly<Record<string, number>>;
  }[];
}

describeWithReference('against the published tables', (folder) => {
  const tableOf = (name: string): Table['layers'] =>
    (
      JSON.parse(
        readFileSync(join(folder, `reference/workloads/Meta_prototype__${name}.json`), 'utf8'),
      ) as Table
    ).layers.filter(({ id }) => id >= 0);

  test.each(['fsrcnn', 'mccnn', 'dmcnnvd'])(
    '%s: kernels, channels and output of the last layer',
    async (name) => {
      const { graph } = await imported(read(`${name}.onnx`));
      const { convolutions } = trace(graph);
      const rows = tableOf(name).map(({ loop_dim_size: size }) => size);
      expect(convolutions.map(({ kernel }) => kernel)).toEqual(
        rows.map(({ K, C, FY = 1, FX = 1 }) => [K, C, FY, FX]),
      );
      const last = rows.at(-1);
      expect(convolutions.at(-1)?.output).toEqual([1, last?.['K'], last?.['OY'], last?.['OX']]);
    },
  );

  test.each(['fsrcnn', 'mccnn'])('%s: every output', async (name) => {
    const { graph } = await imported(read(`${name}.onnx`));
    const rows = tableOf(name).map(({ loop_dim_size: { K, OY, OX } }) => [1, K, OY, OX]);
    expect(trace(graph).convolutions.map(({ output }) => output)).toEqual(rows);
  });
});
