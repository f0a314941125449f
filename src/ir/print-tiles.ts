/** The dump of the tiles facet: per stack a table of tile types, and what is kept along each axis. */
import { finder } from '../base/finder.js';
import { grouped } from '../base/units.js';
import type { Layer, Workload } from './layer.js';
import { nameText, table, type Row } from './print-table.js';
import type { AxisClass, AxisGeometry, MapExtent, TiledStack, TilePlan, TileType } from './tile.js';

export const printTiles = (plan: TilePlan, workload: Workload | undefined): readonly string[] => [
  'tiles',
  ...plan.stacks.flatMap((stack) => printStack(stack, workload)),
];

function printStack(stack: TiledStack, workload: Workload | undefined): readonly string[] {
  const { tile, grid, types, heads } = stack;
  const title = `tile ${tile.x}x${tile.y}  grid ${grid.x}x${grid.y} x-first${heads ? `  heads ${heads.tile} of ${heads.of}` : ''}  types ${types.length}  mode ${stack.mode}`;
  return [
    `  ${stack.stack}  ${title}`,
    ...table([headings(stack, workload), ...types.map((type) => typeRow(stack, type))], 6, [1]),
    ...table(
      [...stack.columns.map((c) => axisRow('column', c)), ...stack.rows.map((r) => axisRow('row', r))],
      6,
      [2],
    ),
    `      macs ${grouped(stack.macs)}  recomputed ${grouped(stack.recomputedMacs)}${percentage(stack)}`,
  ];
}

const layerById = finder((layer: Layer): string => layer.id);
const extentOfMap = finder((extent: MapExtent): string => extent.map);

const percentage = ({ macs, recomputedMacs }: TiledStack): string =>
  macs === recomputedMacs ? '' : ` (+${((100 * recomputedMacs) / (macs - recomputedMacs)).toFixed(1)} %)`;

/** `type count @conv1 I (new) @conv1 O ...`; "(new)" where a stack input is fetched. Sizes are X x Y. */
function headings(stack: TiledStack, workload: Workload | undefined): Row {
  const columns = (stack.columns[0]?.actual.layers ?? []).flatMap(({ layer, inputs }) => {
    const operands = workload && layerById(workload.layers, layer)?.inputs;
    const reads = inputs.flatMap((sources, i) =>
      sources.map(({ map }, s) => {
        const name = `${nameText(layer)} ${operands?.[i]?.name ?? `in${i}`}${sources.length > 1 ? `.${s}` : ''}`;
        return stack.inputs.includes(map) ? `${name} (new)` : name;
      }),
    );
    return [...reads, `${nameText(layer)} O`];
  });
  return ['type', 'count', ...columns];
}

function typeRow(stack: TiledStack, type: TileType): Row {
  const x = stack.columns[type.column]?.actual;
  const y = stack.rows[type.row]?.actual;
  // What breaks an invariant is printed as well: that is when people look.
  if (x === undefined || y === undefined) return [type.name, grouped(type.count), '# of no column or row'];
  const fresh = (map: string): string => {
    const of = (axis: AxisGeometry): number => extentOfMap(axis.maps, map)?.fresh ?? 0;
    return ` (${of(x)}x${of(y)})`;
  };
  const cells = x.layers.flatMap((column, l) => {
    const row = y.layers[l];
    const reads = column.inputs.flatMap((sources, i) =>
      sources.map(({ map, needed }, s) => {
        const rows = row?.inputs[i]?.[s]?.needed ?? '?';
        return `${needed}x${rows}${stack.inputs.includes(map) ? fresh(map) : ''}`;
      }),
    );
    return [...reads, `${column.out}x${row?.out ?? '?'}`];
  });
  return [type.name, grouped(type.count), ...cells, ...(type.origin ? ['# brings the weights'] : [])];
}

/** One class of columns or rows, with the data kept for the next tile and by the tile before. */
function axisRow(axis: 'column' | 'row', { name, count, tile, actual, cacheView }: AxisClass): Row {
  const cached = `${keptText(actual)}${heldText(actual)}`;
  const view = `${keptText(cacheView)}${heldText(cacheView)}`;
  return [
    axis,
    name,
    `x ${grouped(count)}`,
    `tile ${tile}`,
    cached,
    view === cached ? '' : `cache view ${view}`,
  ];
}

const keptText = ({ maps }: AxisGeometry): string =>
  maps.map(({ map, kept }) => (kept > 0 ? `keep ${nameText(map)} ${kept} ` : '')).join('');

const heldText = ({ maps }: AxisGeometry): string =>
  maps.map(({ map, held }) => (held > 0 ? `held ${nameText(map)} ${held} ` : '')).join('');
