/**
 * Given mappings held against layers and tiles, before anything is allocated: names that exist nowhere, mappings given
 * twice or for nothing, and loops and levels that contradict a tile whatever its top memories will be.
 */
import { stackGraph } from '../analysis/stack-graph.js';
import { tileSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';
import { closest } from '../base/closest.js';
import { bareName } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { nestOf } from '../cost/nest.js';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import { workloadOfPart } from '../ir/heads.js';
import type { Layer, Workload } from '../ir/layer.js';
import type { LayerTileName, LayerTileProblem } from '../ir/layer-tile.js';
import type { TiledStack, TilePlan } from '../ir/tile.js';
import { mappingFor, type GivenMapping, type GivenMappings } from '../mapping/given.js';
import { layLoops } from '../mapping/lay-loops.js';
import { hierarchyOf } from './hierarchy.js';
import { inTile } from './infeasible.js';
import { layerTileProblem } from './layer-problem.js';

/** Everything wrong with the mappings, in their order; a warning for one that no tile uses. */
export function checkGiven(
  workload: Workload,
  tiles: TilePlan,
  hw: Accelerator,
  profile: Profile,
  { mappings }: GivenMappings,
): readonly Diagnostic[] {
  return mappings.flatMap((mapping, i): readonly Diagnostic[] => {
    const found = stacksOf(workload, tiles, mapping);
    if ('code' in found) return [found];
    const first = mappings.slice(0, i).find((other) => SUBJECT.every((key) => other[key] === mapping[key]));
    if (first !== undefined) return [givenTwice(mapping, first)];
    const { layer, stacks } = found;
    const running = stacks.flatMap((tiled) => runningTiles(workload, tiled, layer, hw, profile));
    const { tile } = mapping;
    if (tile !== undefined && !running.some(({ name }) => name.type === tile))
      return [notRunning(mapping, tile, running)];
    const meant = running.filter(({ name }) => mappingFor(mappings, name) === mapping);
    return meant.length === 0 ? [notUsed(mapping)] : contradictions(hw, profile, mapping, meant);
  });
}

/** What a mapping is for: no two have the same. */
const SUBJECT = ['layer', 'stack', 'tile'] as const satisfies readonly (keyof GivenMapping)[];

/** The layer and the stacks that a mapping names, or which name is unknown. */
function stacksOf(
  workload: Workload,
  tiles: TilePlan,
  mapping: GivenMapping,
): { readonly layer: Layer; readonly stacks: readonly TiledStack[] } | Diagnostic {
  const layer = workload.layers.find(({ id }) => bareName(id) === mapping.layer);
  if (layer === undefined) return unknownLayer(workload, mapping);
  const all = tiles.stacks.filter(({ layers }) => layers.includes(layer.id));
  const stacks = all.filter(({ stack }) => mapping.stack === undefined || mapping.stack === stack);
  if (stacks.length === 0) return unknownStack(mapping, all);
  const { tile } = mapping;
  const types = stacks.flatMap((tiled) => tiled.types.map(({ name }) => name));
  return tile === undefined || types.includes(tile) ? { layer, stacks } : unknownTile(mapping, tile, types);
}

/** For a run in which nothing is mapped. */
export const givenForNothing = ({ mappings, file }: GivenMappings): Diagnostic =>
  diagnostic(
    'DF6060',
    `${mappings.length} given mappings are not used: no pass maps layers`,
    [{ kind: 'file', file }],
    { help: 'let the pipeline go on to allocate-memory and annotate-cost' },
  );

/** A type of tiles in which a layer runs, with all memories open. */
interface RunningTile {
  readonly name: LayerTileName;
  readonly problem: LayerTileProblem;
}

function runningTiles(
  workload: Workload,
  tiled: TiledStack,
  layer: Layer,
  hw: Accelerator,
  profile: Profile,
): readonly RunningTile[] {
  const hierarchy = hierarchyOf(hw);
  const { top } = hierarchy;
  const W = layer.inputs.some(({ path }) => path === 'W') ? top : null;
  const open = { top: { W, I: top, O: top }, bypass: false };
  const graph = stackGraph(workloadOfPart(workload, tiled), tiled.layers);
  const l = known(graph.layerIndex.get(layer.id), 'layer position');
  const part = known(graph.layers[l], 'layer');
  return tiled.types.flatMap((type): RunningTile[] => {
    const column = known(tiled.columns[type.column], 'column').actual;
    const row = known(tiled.rows[type.row], 'row').actual;
    const sizes = known(tileSizes(graph, column, row).layers[l], 'layer');
    if (!sizes.present) return [];
    const name = { stack: tiled.stack, layer: layer.id, type: type.name };
    return [{ name, problem: layerTileProblem(part, sizes, open, hierarchy, profile) }];
  });
}

/** Each once, with the first tile type it is true of. */
function contradictions(
  hw: Accelerator,
  profile: Profile,
  mapping: GivenMapping,
  tiles: readonly RunningTile[],
): readonly Diagnostic[] {
  const found = new Map<string, { readonly first: Diagnostic; count: number }>();
  for (const { name, problem } of tiles) {
    const laying = layLoops(hw, problem, nestOf(hw, profile, problem), mapping);
    for (const d of laying.kind === 'contradiction' ? laying.diagnostics : []) {
      const key = JSON.stringify([d.code, d.at]);
      const seen = found.get(key);
      if (seen) seen.count++;
      else found.set(key, { first: inTile(d, name), count: 1 });
    }
  }
  return [...found.values()].map(({ first, count }) =>
    count === 1
      ? first
      : {
          ...first,
          terms: [...(first.terms ?? []), `also in ${count - 1} more of ${tiles.length} tile types`],
        },
  );
}

const unknownLayer = ({ layers }: Workload, { layer, layerAt }: GivenMapping): Diagnostic => {
  const near = closest(
    layer,
    layers.map(({ id }) => bareName(id)),
  );
  return diagnostic('DF6052', `there is no layer "${layer}"`, [layerAt], {
    help: near === undefined ? 'the report lists the layers by name' : `did you mean "${near}"?`,
  });
};

const unknownStack = ({ layer, stackAt, stack }: GivenMapping, all: readonly TiledStack[]): Diagnostic =>
  diagnostic('DF6053', `${layer} is not in a stack "${stack}"`, [stackAt], {
    help: `it is in ${all.map((tiled) => tiled.stack).join(' and ')}`,
  });

function unknownTile({ layer, tileAt }: GivenMapping, tile: string, types: readonly string[]): Diagnostic {
  const near = closest(tile, types);
  return diagnostic('DF6053', `the stack of ${layer} has no tile type "${tile}"`, [tileAt], {
    help: near === undefined ? `its tile types are ${types.join(', ')}` : `did you mean "${near}"?`,
  });
}

const givenTwice = ({ layer, tile, layerAt }: GivenMapping, first: GivenMapping): Diagnostic =>
  diagnostic(
    'DF6059',
    `a second mapping is given for ${layer} in ${tile === undefined ? 'all tile types' : `tile type ${tile}`}`,
    [layerAt, first.layerAt],
    { help: 'take one of the two out, or give them different tile types' },
  );

const notRunning = (
  { layer, tileAt }: GivenMapping,
  tile: string,
  running: readonly RunningTile[],
): Diagnostic =>
  diagnostic(
    'DF6054',
    `${layer} does not run in tile type ${tile}: tiles before have left all of it`,
    [tileAt],
    {
      help: `it runs in ${running.map(({ name }) => name.type).join(', ')}`,
    },
  );

const notUsed = ({ layer, layerAt }: GivenMapping): Diagnostic =>
  diagnostic(
    'DF6060',
    `the mapping of ${layer} for all tile types is not used: each has its own`,
    [layerAt],
    {
      help: 'take it out, or one of the others',
    },
  );
