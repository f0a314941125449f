/** A small residual network with every facet: what verifiers and dumps are tried on. */
import { compile, type Compilation, type CompileRequest } from '../../src/compile.js';
import { PROFILES, type Profile } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import { hardwareOf } from './filetest/hardware.js';
import { modelBytes } from './filetest/model-text.js';

/** Convolutions around a shortcut, a matrix product behind a pool that needs its whole map. */
const RESIDUAL = `
  x = input int8 1x4x16x16
  s = Conv x k=1 out=4
  a = Conv s k=3 pad=1 out=4
  b = Relu a
  c = Conv b k=3 pad=1 out=4
  d = Add c s
  e = GlobalAveragePool d
  f = Conv e k=1 out=8
  output f`
  .split('\n')
  .map((line) => line.trim());

/** Room for a tile and its caches, and for all weights. */
export const SMALL_HW: Accelerator = hardwareOf({ value: 'two-level lb_w=1KB lb_io=4KB', block: [] });

export const PIPELINE =
  'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=one},choose-tiles{tile=8x8},tile-stacks,allocate-memory,annotate-cost';

export const scheduled = (
  profile: Profile = PROFILES.default,
  request: Partial<CompileRequest> = {},
): Promise<Compilation> =>
  compile({
    source: { file: 'residual.onnx', bytes: modelBytes('', RESIDUAL) },
    hw: SMALL_HW,
    profile,
    pipeline: PIPELINE,
    ...request,
  });
