/** Small models taken through import, normalization, shape inference and lowering. */
import { known } from '../../src/base/assert.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { verifyWorkload } from '../../src/ir/verify/layers.js';
import { verifyShapes } from '../../src/ir/verify/shapes.js';
import type { Layer, Region, Workload } from '../../src/ir/layer.js';
import type { Shapes, TensorInfo } from '../../src/ir/tensor.js';
import { inferTensors } from '../../src/onnx/infer.js';
import type { DimBindings } from '../../src/onnx/infer-inputs.js';
import { lowerGraph } from '../../src/onnx/lower.js';
import type { LoweringOptions } from '../../src/onnx/lower-state.js';
import { normalized } from './import-model.js';
import { model, type ModelSpec } from './onnx-model.js';

export const OPTIONS: LoweringOptions = {
  precision: { W: 8, I: 8, O: 8, psum: 16 },
  override: {},
  ofLayer: () => ({}),
  countParameters: true,
};

export interface Inferred {
  readonly shapes: Shapes;
  readonly diagnostics: readonly Diagnostic[];
  readonly tensor: (name: string) => TensorInfo;
}

export async function inferred(spec: ModelSpec, dims: DimBindings = {}): Promise<Inferred> {
  const { graph } = await normalized(model(spec));
  const diagnostics: Diagnostic[] = [];
  const shapes = inferTensors(graph, dims, (diagnostic) => diagnostics.push(diagnostic));
  expect(verifyShapes(graph, shapes)).toEqual([]);
  const tensor = (name: string): TensorInfo =>
    known(
      shapes.tensors.find((one) => one.name === name),
      name,
    );
  return { shapes, diagnostics, tensor };
}

/** Shape of tensor `y`, the output of most tests. */
export const shapeOf = async (spec: ModelSpec, name = 'y'): Promise<readonly number[]> =>
  (await inferred(spec)).tensor(name).shape;

export interface Lowered {
  readonly workload: Workload;
  readonly diagnostics: readonly Diagnostic[];
  readonly codes: readonly string[];
  readonly layer: (name: string) => Layer;
  /** The first layer. */
  readonly only: Layer;
}

/** Lowered, and found sound by the verifier. */
export async function lowered(spec: ModelSpec, options: Partial<LoweringOptions> = {}): Promise<Lowered> {
  const { graph } = await normalized(model(spec));
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const shapes = inferTensors(graph, {}, report);
  const workload = lowerGraph(graph, shapes, { ...OPTIONS, ...options }, report);
  expect(verifyWorkload(workload)).toEqual([]);
  return {
    workload,
    diagnostics,
    codes: diagnostics.map(({ code }) => code),
    layer: (name) =>
      known(
        workload.layers.find(({ id }) => id === `@${name}`),
        name,
      ),
    only: known(workload.layers[0], 'layer'),
  };
}

/** `B1 K8 C3`: the loop nest in order. */
export const nest = (layer: Layer): string => layer.loops.map(({ dim, size }) => `${dim}${size}`).join(' ');

/** Dims of an operand, `2*OX+1*FX` for windows. */
export function dims(layer: Layer, operand: string): string {
  if (operand === 'O') return layer.output.dims.join(' ');
  const input = known(
    layer.inputs.find(({ name }) => name === operand),
    operand,
  );
  const windows = input.windows.map(
    ({ out, kernel, stride, dilation }) => `${stride}*${out}+${dilation}*${kernel}`,
  );
  return [...input.dims, ...windows].join(' ');
}

/** `%x:3 same window`: the sources of an operand with kinds of region, x before y. */
export function sources(layer: Layer, operand: string): readonly string[] {
  const input = known(
    layer.inputs.find(({ name }) => name === operand),
    operand,
  );
  return input.sources.map(
    ({ map, elementsPerPixel, x, y }) => `${map}:${elementsPerPixel} ${regionText(x)} ${regionText(y)}`,
  );
}

export function regionText(region: Region): string {
  switch (region.kind) {
    case 'same':
    case 'full':
      return region.kind;
    case 'window':
      return `k${region.kernel}s${region.stride}d${region.dilation}p${region.before},${region.after}`;
    case 'scale':
      return `(${region.mul}o+${region.lo}..${region.hi})/${region.div}${region.border ? ` border ${region.border.near},${region.border.far}` : ''}`;
  }
}

/** Sizes of a map: columns x rows x elements per pixel. */
export function mapSize(workload: Workload, id: string): string {
  const map = known(
    workload.maps.find((one) => one.id === id),
    id,
  );
  return `${map.width}x${map.height}x${map.elementsPerPixel}`;
}
