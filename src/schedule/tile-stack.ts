/** First consequence of a stack decision: the grid, the classes along each axis and the tile types. */
import type { AxisTiling, TileRun } from '../analysis/axis.js';
import { clippedAxis } from '../analysis/axis-clipped.js';
import { publishedAxis } from '../analysis/axis-published.js';
import { stackGraph, type StackGraph, type Use } from '../analysis/stack-graph.js';
import { tileGrid, type TileGrid } from '../analysis/tile-grid.js';
import { computedPixels, tileTypes, type TiledAxis } from '../analysis/tile-types.js';
import { workloadIndex } from '../analysis/workload-index.js';
import { known } from '../base/assert.js';
import { BoundedMap, perObject } from '../base/bounded-map.js';
import { bareName } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { grouped } from '../base/units.js';
import { fail } from '../diag/diagnostic.js';
import { headTile, partsOf, workloadOfPart } from '../ir/heads.js';
import type { Axis, Workload } from '../ir/layer.js';
import type { OverlapMode, Stack } from '../ir/stack.js';
import type { AxisClass, TiledStack } from '../ir/tile.js';

export const cachesAlong = (mode: OverlapMode, axis: Axis): boolean =>
  axis === 'x' ? mode !== 'fully-recompute' : mode === 'fully-cached';

/** Axes tiled lately: modes and the sizes along the other axis ask for the same ones. */
const classesOf = perObject<BoundedMap<string, readonly AxisClass[]>>(() => new BoundedMap(24));

export function tileStack(workload: Workload, stack: Stack, profile: Profile): TiledStack {
  const heads = headsOfStack(workload, stack);
  const graph = stackGraph(workloadOfPart(workload, { layers: stack.layers, ...heads }), stack.layers);
  const axes = tiledAxes(graph, stack);
  const { name, tiling } = tilingOf(profile);
  const classes = (axis: Axis): readonly AxisClass[] => {
    const { grid, cached } = axes[axis];
    const key = `${axis} ${grid.tile} ${cached} ${name} ${profile.strideExtent} ${profile.cacheView}`;
    return classesOf(graph).getOr(key, () => tiling.classes({ graph, axis, grid, cached, rules: profile }));
  };
  const columns = classes('x');
  const rows = classes('y');
  const parts = partsOf(heads);
  const types = tileTypes(columns, rows).map((type) => ({ ...type, count: type.count * parts }));
  return {
    stack: stack.id,
    mode: stack.mode,
    layers: stack.layers,
    inputs: graph.maps.filter((map) => map.producer === null).map(({ map }) => map.id),
    tile: { x: axes.x.grid.tile, y: axes.y.grid.tile },
    grid: { x: axes.x.grid.count, y: axes.y.grid.count },
    ...heads,
    columns,
    rows,
    types,
    ...macCounts(graph, { columns, rows, types }, axes, parts),
  };
}

/** Only intervals know what waits for a lagging branch, or where a border is. */
const tilingOf = ({
  padding,
  branchDelay,
}: Profile): { readonly name: string; readonly tiling: AxisTiling } =>
  padding === 'clipped' || branchDelay === 'stored-and-read'
    ? { name: 'clipped', tiling: clippedAxis }
    : { name: 'published', tiling: publishedAxis };

type TiledAxes = Readonly<Record<Axis, TiledAxis>>;

function tiledAxes(graph: StackGraph, stack: Stack): TiledAxes {
  const sink = known(graph.maps[graph.outputOf[graph.sink] ?? -1], 'sink map').map;
  const axes = {
    x: { grid: tileGrid(sink.width, stack.tile.x), cached: cachesAlong(stack.mode, 'x') },
    y: { grid: tileGrid(sink.height, stack.tile.y), cached: cachesAlong(stack.mode, 'y') },
  };
  for (const { grid } of [axes.x, axes.y]) refuseEndless(stack, grid);
  return axes;
}

/** Tiles of a stack with what some uses bring, along both axes. */
export interface TileRuns {
  readonly columns: readonly TileRun[];
  readonly rows: readonly TileRun[];
}

/** What tiles make and bring, and no more: for many sizes of one stack. */
export function tileRuns(
  graph: StackGraph,
  profile: Profile,
  uses: readonly Use[],
): (stack: Stack) => TileRuns {
  const ofAxis = new Map<string, readonly TileRun[]>();
  const { tiling } = tilingOf(profile);
  const runs = (axis: Axis, { grid, cached }: TiledAxis): readonly TileRun[] => {
    const key = `${axis} ${grid.tile} ${cached}`;
    const found = ofAxis.get(key) ?? tiling.runs({ graph, axis, grid, cached, rules: profile }, uses);
    ofAxis.set(key, found);
    return found;
  };
  return (stack) => {
    const { x, y } = tiledAxes(graph, stack);
    return { columns: runs('x', x), rows: runs('y', y) };
  };
}

/** The heads that a decision takes together, as far as the stack has heads. */
function headsOfStack(workload: Workload, { id, layers: ids, tile }: Stack): Pick<TiledStack, 'heads'> {
  if (tile.heads === undefined) return {};
  const heads = headTile(ids.map(workloadIndex(workload).layer), tile.heads);
  if (heads === undefined) return {};
  if ('of' in heads) return { heads };
  const at = [{ kind: 'ir', id: heads.layer }] as const;
  if (heads.kind === 'uneven')
    return fail(
      'DF4002',
      `${id} cannot be tiled ${tile.heads} of ${heads.heads} heads at a time at ${heads.layer}`,
      at,
      {
        help: 'give a number that divides the heads, and with shared keys a multiple or a divisor of the heads that share them',
      },
    );
  return fail(
    'DF4002',
    `${heads.layer} computes with several heads at once, so that ${id} cannot be tiled by heads`,
    at,
    {
      help: `cut so that ${bareName(heads.layer)} is in another stack than the products of attention, for example with --stacks`,
    },
  );
}

/** Every tile column (row) of every layer is looked at once: seconds, up to this many. */
const MOST_STEPS = 2_000_000;

function refuseEndless({ id, layers, tile }: Stack, { count, tile: size }: TileGrid): void {
  if (count * layers.length <= MOST_STEPS) return;
  fail(
    'DF4001',
    `${id} of ${grouped(layers.length)} layers would have ${grouped(count)} tiles of ${grouped(size)} along one axis`,
    [{ kind: 'ir', id }],
    {
      terms: [
        `tiles x layers: ${grouped(count * layers.length)}; at most ${grouped(MOST_STEPS)} are looked at`,
      ],
      help: `give larger tiles than ${tile.x}x${tile.y}`,
    },
  );
}

/** MACs as scheduled, and those beyond computing every pixel once. */
function macCounts(
  graph: StackGraph,
  { columns, rows, types }: Pick<TiledStack, 'columns' | 'rows' | 'types'>,
  axes: TiledAxes,
  parts: number,
): { macs: number; recomputedMacs: number } {
  let macs = 0;
  let once = 0;
  const computed = computedPixels(graph, axes);
  graph.layers.forEach((layer, l) => {
    if (layer.macs === 0) return;
    const { width, height } = known(graph.maps[graph.outputOf[l] ?? -1], 'output').map;
    const pixels = types.reduce((sum, type) => {
      const x = known(columns[type.column]?.actual.layers[l], 'column').out;
      const y = known(rows[type.row]?.actual.layers[l], 'row').out;
      return sum + type.count * x * y;
    }, 0);
    macs += Math.round((layer.macs * pixels) / (width * height));
    once += parts * Math.round((layer.macs * known(computed[l], 'computed pixels')) / (width * height));
  });
  return { macs, recomputedMacs: macs - once };
}
