/** Golden files: one schedule each, as evaluated by the published code (format: README of the golden folder). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LoopDim } from '../src/ir/layer.js';

type Loops = readonly (readonly [dim: LoopDim, size: number])[];
type PerOperandLevel<T> = Readonly<Record<string, readonly T[]>>;

export interface GoldenLayerTile {
  readonly kind: 'layer';
  readonly mul: number;
  readonly loop_dims: Readonly<Partial<Record<LoopDim, number>>>;
  readonly levels: PerOperandLevel<string>;
  readonly spatial: PerOperandLevel<Loops>;
  readonly temporal: PerOperandLevel<Loops>;
  readonly accesses: PerOperandLevel<
    Readonly<Record<'rd_out_to_low' | 'wr_in_by_low' | 'rd_out_to_high' | 'wr_in_by_high', number>>
  >;
  readonly energy_breakdown: PerOperandLevel<number>;
  readonly mac_energy: number;
  readonly energy: number;
  readonly latency0: number;
  readonly latency1: number;
  readonly latency2: number;
  readonly loading: number;
  readonly offloading: number;
  readonly ss_comb: number;
}

export interface GoldenCopyTile {
  readonly kind: 'copy';
  readonly mul: number;
  readonly actions: readonly {
    readonly bits: number;
    readonly from: readonly [operand: string, level: number, memory: string];
    readonly to: readonly [operand: string, level: number, memory: string];
    readonly energy: number;
  }[];
  readonly energy: number;
  readonly latency: number;
}

export interface GoldenNode {
  /** `3`, `datamovement_b4_LayerNode_3`, `datamovement_b4_InputLayerNode_...`. */
  readonly name: string;
  readonly energy: number;
  readonly latency1: number;
  readonly tiles: readonly (GoldenLayerTile | GoldenCopyTile)[];
}

export interface GoldenFile {
  readonly hw: string;
  readonly wl: string;
  readonly lpf_limit: number;
  readonly tile: readonly [x: number, y: number];
  readonly mode: 1 | 2 | 3;
  readonly stack_cuts: readonly (string | number)[];
  readonly energy: number;
  readonly latency1: number;
  readonly layers: readonly GoldenNode[];
}

/** Where the inputs of golden files are. */
export interface Inputs {
  readonly workloads: string;
  readonly accelerators: string;
}

export const goldenFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json') || name.endsWith('.json.gz'))
    .sort()
    .map((name) => join(folder, name));

export function readGolden(path: string): GoldenFile {
  const bytes = readFileSync(path);
  return JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as GoldenFile;
}

/** A folder of inputs: in the golden folder, its parent, or the parent's `reference`. */
export function inputFolder(folder: string, name: keyof Inputs): string | undefined {
  const parent = dirname(resolve(folder));
  return [join(folder, name), join(parent, name), join(parent, 'reference', name)].find((path) =>
    existsSync(path),
  );
}

/** `Meta_prototype.workload_fsrcnn` -> `Meta_prototype__fsrcnn.json`. */
export const tablePath = (inputs: Inputs, golden: GoldenFile): string =>
  join(inputs.workloads, `${golden.wl.replace('.workload_', '__')}.json`);

export const hardwarePath = (inputs: Inputs, golden: GoldenFile): string =>
  join(inputs.accelerators, `${golden.hw}.json`);
