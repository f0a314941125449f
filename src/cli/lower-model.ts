/** A model as far as its layers, without a schedule: what `inspect` and `networks` look at. */
import { compile, parsePrecisions, type Compilation, type CompileRequest } from '../compile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LayerPrecision } from '../ir/layer-precision.js';
import type { Graph } from '../ir/tensor.js';
import { readTextFile } from '../node/files.js';
import type { ModelOptions } from './options.js';

/** Nothing but precisions: those of the published networks. */
const NO_ACCELERATOR: Accelerator = {
  name: 'none',
  source: '',
  array: { dims: [], macEnergyPj: 0 },
  precision: { W: 8, I: 8, O: 8, psum: 16 },
  spatial: [],
  memories: [],
};

export interface LoweredModel extends Compilation {
  /** The graph as the file has it. */
  readonly file: Graph | undefined;
}

export async function lowerModel(
  request: Pick<CompileRequest, 'source' | 'dims' | 'precision' | 'precisions'> & {
    readonly hw?: Accelerator | undefined;
  },
): Promise<LoweredModel> {
  let file: Graph | undefined;
  const keepFirst = {
    after: ({ ir }: { readonly ir: Compilation['ir'] }): void => {
      file ??= ir.graph;
    },
  };
  const { hw = NO_ACCELERATOR, ...rest } = request;
  const result = await compile({ ...rest, hw, pipeline: LAYERS, instruments: [keepFirst] });
  return { ...result, file };
}

/** The entries of `--precision-file`. */
export const precisionsOf = ({ precisionFile }: ModelOptions): readonly LayerPrecision[] =>
  precisionFile === undefined ? [] : parsePrecisions(readTextFile(precisionFile), precisionFile);

const LAYERS = 'import-onnx,normalize-graph,infer-shapes,lower-layers';
