/**
 * Golden outputs of the published code as layer-tile problems: a tile record, the accelerator JSON and the workload
 * table of one file become a `LayerTileProblem` with the mapping and the numbers that belong to it. Files are read
 * from the reference folder (see its golden/README.md for the keys).
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  goldenFiles as goldenPaths,
  readGolden as readGoldenFile,
  type GoldenLayerTile,
} from '../../parity/golden.js';
import { readHardware } from '../../parity/hardware.js';
import { known } from '../../src/base/assert.js';
import type { TemporalMapping } from '../../src/cost/layer-tile-cost.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { OperandName } from '../../src/ir/cost.js';
import type { LoopDim, LoopSize } from '../../src/ir/layer.js';
import type { LayerTileProblem, TileOperand, TileWindow } from '../../src/ir/layer-tile.js';

export type GoldenAccess = keyof GoldenLayerTile['accesses'][string][number];

export interface GoldenCase {
  /** File, layer and position, for messages. */
  readonly where: string;
  readonly hw: Accelerator;
  readonly lpfLimit: number;
  readonly problem: LayerTileProblem;
  readonly mapping: TemporalMapping;
  readonly tile: GoldenLayerTile;
}

interface TableLayer {
  readonly id: number;
  readonly equation: string;
  readonly equation_relations?: readonly string[];
  readonly loop_dim_size: Readonly<Partial<Record<LoopDim, number>>>;
  readonly operand_precision: Readonly<Record<string, number>>;
  readonly spatial_mapping: Readonly<Record<string, readonly [LoopDim, number]>>;
}

const json = (text: string): unknown => JSON.parse(text);

/** Names of the golden files of the reference folder. */
export const goldenFiles = (folder: string): readonly string[] =>
  goldenPaths(join(folder, 'golden')).map((path) => basename(path));

/** Every layer tile of a golden file. */
export function readGolden(folder: string, name: string): readonly GoldenCase[] {
  const file = readGoldenFile(join(folder, 'golden', name));
  const hw = readHardware(join(folder, 'reference/accelerators', `${file.hw}.json`));
  const table = `${file.wl.replace('.workload_', '__')}.json`;
  const workload = json(readFileSync(join(folder, 'reference/workloads', table), 'utf8')) as {
    layers: TableLayer[];
  };
  return file.layers.flatMap((entry) =>
    entry.tiles.flatMap((tile, index): GoldenCase[] => {
      if (tile.kind !== 'layer') return [];
      const layer = known(
        workload.layers.find(({ id }) => String(id) === entry.name),
        `layer ${entry.name} in ${table}`,
      );
      const problem = problemOf(hw, layer, tile);
      const mapping = mappingOf(problem, tile);
      return [
        { where: `${name} ${entry.name}[${index}]`, hw, lpfLimit: file.lpf_limit, problem, mapping, tile },
      ];
    }),
  );
}

function problemOf(hw: Accelerator, layer: TableLayer, tile: GoldenLayerTile): LayerTileProblem {
  const terms = [...layer.equation.matchAll(/([A-Z])((?:\[\w+\])+)/g)];
  const sizes = Object.entries(tile.loop_dims) as [LoopDim, number][];
  return {
    loops: sizes.map(([dim, size]) => ({ dim, size })),
    unrolling: hw.array.dims.flatMap(({ name }) => {
      const entry = layer.spatial_mapping[name];
      return entry ? [{ array: name, dim: entry[0], size: entry[1] }] : [];
    }),
    operands: terms.map(([, name, indices]) =>
      operandOf(hw, layer, tile, name as OperandName, known(indices, 'indices')),
    ),
    passes: 1,
    operationEnergyPj: hw.array.macEnergyPj,
  };
}

function operandOf(
  hw: Accelerator,
  layer: TableLayer,
  tile: GoldenLayerTile,
  name: OperandName,
  indices: string,
): TileOperand {
  const index = [...indices.matchAll(/\[(\w+)\]/g)].map((match) => known(match[1], 'index').toUpperCase());
  const windows = (layer.equation_relations ?? []).flatMap((relation) => windowOf(relation, index));
  const windowed = windows.flatMap(({ out, kernel }) => [out, kernel]);
  // Dims of size 1 in the whole layer are in no list (cost-model.md 1.1).
  const dims = (Object.entries(layer.loop_dim_size) as [LoopDim, number][])
    .filter(([dim, size]) => size > 1 && !windowed.includes(dim))
    .map(([dim]) => dim);
  const precision = (key: string): number => known(layer.operand_precision[key], `precision of ${key}`);
  return {
    name,
    path: name === 'O' || name === 'W' ? name : 'I',
    bits: precision(name === 'O' ? 'O_final' : name),
    psumBits: precision(name),
    relevant: dims.filter((dim) => index.includes(dim)),
    irrelevant: dims.filter((dim) => !index.includes(dim)),
    windows,
    levels: known(tile.levels[name], 'levels').map((level) =>
      hw.memories.findIndex((memory) => memory.name === level),
    ),
  };
}

/** `ix=2*ox+1*fx`, for an operand indexed by IX. */
function windowOf(relation: string, index: readonly string[]): readonly TileWindow[] {
  const match = known(
    /^(\w+)=(\d+)\*(\w+)\+(\d+)\*(\w+)$/.exec(relation.toUpperCase()),
    `relation ${relation}`,
  );
  const [, axis, stride, out, dilation, kernel] = match;
  if (!index.includes(known(axis, 'axis'))) return [];
  return [
    { out: out as LoopDim, kernel: kernel as LoopDim, stride: Number(stride), dilation: Number(dilation) },
  ];
}

function mappingOf(problem: LayerTileProblem, { temporal }: GoldenLayerTile): TemporalMapping {
  const loops = known(temporal['O'], 'mapping of O')
    .flat()
    .map(([dim, size]): LoopSize => ({ dim, size }));
  const split = problem.operands.map(({ name }) => {
    let count = 0;
    return known(temporal[name], `mapping of ${name}`).map((level) => (count += level.length));
  });
  return { loops, split };
}
