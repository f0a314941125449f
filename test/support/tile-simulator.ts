/**
 * A second implementation of tiling, pixel by pixel: walks every tile of a small stack and marks which pixels of
 * which map it computes and reads. It knows taps of kernels, not intervals, and no closed form.
 * A layer computes a rectangle and reads one; where data is kept it begins with the first pixel that is ever read and goes
 * on from where it stopped, without gaps.
 */
import type { OverlapMode } from '../../src/ir/stack.js';
import { inputsOf, type MapSize, type NodeSpec } from './workloads.js';

/** Pixels `x0 <= x < x1`, `y0 <= y < y1`. Even an empty one starts where the map goes on. */
export interface Box {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

/** Input indices along one axis that an output index touches; those beyond the border are pads. */
export type Taps = (o: number) => readonly number[];

/** A node, or any other operator by its definition. */
export type SimulatedNode =
  | NodeSpec
  | { readonly op: 'taps'; readonly from: string | readonly string[]; readonly x: Taps; readonly y: Taps };

export type SimulatedNodes = readonly (readonly [string, SimulatedNode])[];

export interface SimulatedRead {
  readonly map: string;
  readonly box: Box;
  /** How many of these pixels earlier tiles made. */
  readonly old: number;
}

export interface SimulatedTile {
  readonly column: number;
  readonly row: number;
  /** Per map: what this tile computes or, of a stack input, fetches. */
  readonly fresh: ReadonlyMap<string, Box>;
  /** Per layer, per input position. */
  readonly reads: ReadonlyMap<string, readonly SimulatedRead[]>;
}

export interface Simulation {
  /** Stack inputs in order of first use, then the layers' outputs. */
  readonly maps: readonly string[];
  readonly nodes: SimulatedNodes;
  /** Row by row. */
  readonly tiles: readonly SimulatedTile[];
  /** Widths of the columns of tiles of the sink, heights of the rows. */
  readonly tileWidths: readonly number[];
  readonly tileHeights: readonly number[];
  /** Per map: columns (rows) that were computed up to tile column c (row r) and are read by later ones. */
  readonly keptColumns: ReadonlyMap<string, readonly number[]>;
  readonly keptRows: ReadonlyMap<string, readonly number[]>;
}

/** Of every map some tile has a pixel; of others, whose readers see pads alone, sizes along one axis mean nothing. */
export const usesAllMaps = ({ maps, tiles }: Simulation): boolean =>
  maps.every((map) => tiles.some(({ fresh }) => areaOf(fresh.get(map)!) > 0));

export type Sizes = ReadonlyMap<string, Pick<MapSize, 'width' | 'height'>>;

export const widthOf = (box: Box): number => Math.max(0, box.x1 - box.x0);
export const heightOf = (box: Box): number => Math.max(0, box.y1 - box.y0);
export const areaOf = (box: Box): number => widthOf(box) * heightOf(box);

export function* pixelsOf(box: Box): Generator<readonly [x: number, y: number]> {
  for (let y = box.y0; y < box.y1; y++) for (let x = box.x0; x < box.x1; x++) yield [x, y];
}

/** Every input index along one axis that output index `o` touches. */
function taps(node: SimulatedNode, axis: 'x' | 'y', o: number): readonly number[] {
  if (node.op === 'taps') return node[axis](o);
  if (node.op === 'add') return [o];
  if (node.op === 'upsample') return [Math.floor(o / node.factor)];
  const { kernel, stride, dilation, before } = node[axis];
  return Array.from({ length: kernel }, (_, f) => o * stride - before + f * dilation);
}

/** Runs the nodes as one stack; whatever they read and do not make is an input of the stack. */
export function simulate(
  nodes: SimulatedNodes,
  sizes: Sizes,
  tile: { readonly x: number; readonly y: number },
  mode: OverlapMode,
): Simulation {
  const made = nodes.map(([name]) => name);
  const inputs = nodes.flatMap(([, node]) => inputsOf(node)).filter((name) => !made.includes(name));
  const maps = [...new Set(inputs), ...made];
  const { width, height } = sizes.get(maps.at(-1)!)!;
  const [xs, ys] = [cuts(width, tile.x), cuts(height, tile.y)];
  const tiles: SimulatedTile[] = [];
  const done = new Map(maps.map((name) => [name, new Set<string>()]));
  const keepX = mode !== 'fully-recompute';
  const keepY = mode === 'fully-cached';
  const endX = new Map<string, number[]>(maps.map((name) => [name, []]));
  const endY = new Map<string, number[]>(maps.map((name) => [name, []]));
  const all = { x0: 0, x1: width, y0: 0, y1: height };
  const whole = freshBoxes(nodes, maps, sizes, all, undefined);
  for (let row = 0; row < ys.length; row++) {
    for (let column = 0; column < xs.length; column++) {
      if (!keepX || (!keepY && column === 0)) for (const set of done.values()) set.clear();
      const wanted = { x0: xs[column]![0], x1: xs[column]![1], y0: ys[row]![0], y1: ys[row]![1] };
      const fresh = freshBoxes(nodes, maps, sizes, wanted, { keepX, keepY, column, row, endX, endY, whole });
      tiles.push({ column, row, fresh, reads: readBoxes(nodes, sizes, fresh, done) });
      for (const [name, box] of fresh) {
        for (const [x, y] of pixelsOf(box)) done.get(name)!.add(`${x},${y}`);
        advance(endX.get(name)!, column, box.x1);
        advance(endY.get(name)!, row, box.y1);
      }
    }
  }
  const lengths = (intervals: readonly (readonly [number, number])[]): number[] =>
    intervals.map(([start, end]) => end - start);
  const simulation = { maps, nodes, tiles, tileWidths: lengths(xs), tileHeights: lengths(ys) };
  return {
    ...simulation,
    keptColumns: kept(simulation, endX, (tile, box) => [tile.column, box.x0]),
    keptRows: kept(simulation, endY, (tile, box) => [tile.row, box.y0]),
  };
}

/** A map never goes back: `ends[i]` is at least `ends[i - 1]`. */
function advance(ends: number[], index: number, end: number): void {
  ends[index] = Math.max(end, ends[index - 1] ?? 0, ends[index] ?? 0);
}

function kept(
  { maps, tiles }: Pick<Simulation, 'maps' | 'tiles'>,
  ends: ReadonlyMap<string, readonly number[]>,
  startOf: (tile: SimulatedTile, box: Box) => readonly [index: number, start: number],
): Map<string, number[]> {
  const reads = tiles.flatMap((tile) =>
    [...tile.reads.values()].flatMap((sources) =>
      sources.flatMap(({ map, box }) => {
        const [index, start] = startOf(tile, box);
        return areaOf(box) > 0 ? [{ map, index, start }] : [];
      }),
    ),
  );
  return new Map(
    maps.map((name) => [
      name,
      ends.get(name)!.map((end, i) => {
        const later = reads.filter((read) => read.map === name && read.index > i).map((read) => read.start);
        return later.length === 0 ? 0 : Math.max(0, end - Math.min(...later));
      }),
    ]),
  );
}

/** Tile borders, the remainder first. */
function cuts(size: number, tile: number): (readonly [number, number])[] {
  const result: (readonly [number, number])[] = [];
  let end = size % tile === 0 ? Math.min(tile, size) : size % tile;
  for (let start = 0; start < size; [start, end] = [end, end + tile]) result.push([start, end]);
  return result;
}

interface Progress {
  readonly keepX: boolean;
  readonly keepY: boolean;
  readonly column: number;
  readonly row: number;
  readonly endX: ReadonlyMap<string, readonly number[]>;
  readonly endY: ReadonlyMap<string, readonly number[]>;
  /** What the whole output needs. */
  readonly whole: ReadonlyMap<string, Box>;
}

/** Rectangles to compute, sink first: what readers touch, going on from where the map stopped. */
function freshBoxes(
  nodes: SimulatedNodes,
  maps: readonly string[],
  sizes: Sizes,
  wanted: Box,
  progress: Progress | undefined,
): Map<string, Box> {
  const touched = new Map(maps.map((name): [string, Box[]] => [name, []]));
  const boxes = new Map<string, Box>();
  for (const name of maps.toReversed()) {
    const box = name === maps.at(-1) ? { ...wanted } : around(touched.get(name)!);
    if (progress) goOn(box, name, progress);
    boxes.set(name, box);
    const node = nodes.find(([n]) => n === name)?.[1];
    if (!node) continue;
    const [xs, ys] = touchedBy(node, box);
    for (const from of inputsOf(node)) touched.get(from)!.push(boxOf(xs, ys, sizes.get(from)!));
  }
  return boxes;
}

/** Where data is kept a map begins where it was left. */
function goOn(box: Box, name: string, { keepX, keepY, column, row, endX, endY, whole }: Progress): void {
  if (keepX) box.x0 = column > 0 ? endX.get(name)![column - 1]! : whole.get(name)!.x0;
  if (keepY) box.y0 = row > 0 ? endY.get(name)![row - 1]! : whole.get(name)!.y0;
}

/** Columns and rows of its inputs, pads among them. */
function touchedBy(
  node: SimulatedNode,
  { x0, x1, y0, y1 }: Box,
): readonly [xs: ReadonlySet<number>, ys: ReadonlySet<number>] {
  const along = (axis: 'x' | 'y', from: number, to: number): ReadonlySet<number> =>
    new Set(range(from, to).flatMap((o) => taps(node, axis, o)));
  return [along('x', x0, x1), along('y', y0, y1)];
}

/** The rectangle around several; along each axis, one that has nothing there counts only where no other has. */
function around(boxes: readonly Box[]): Box {
  const along = (start: 'x0' | 'y0', end: 'x1' | 'y1'): readonly [number, number] => {
    const some = boxes.filter((box) => box[end] > box[start]);
    const counted = some.length > 0 ? some : boxes;
    if (counted.length === 0) return [0, 0];
    return [Math.min(...counted.map((box) => box[start])), Math.max(...counted.map((box) => box[end]))];
  };
  const [[x0, x1], [y0, y1]] = [along('x0', 'x1'), along('y0', 'y1')];
  return { x0, x1, y0, y1 };
}

/** The rectangle around what is touched, cut off at the border of the map. */
function boxOf(
  xs: ReadonlySet<number>,
  ys: ReadonlySet<number>,
  size: { readonly width: number; readonly height: number },
): Box {
  const clip = (value: number, limit: number): number => Math.max(0, Math.min(value, limit));
  if (xs.size === 0 || ys.size === 0) return { x0: 0, x1: 0, y0: 0, y1: 0 };
  return {
    x0: clip(Math.min(...xs), size.width),
    x1: clip(Math.max(...xs) + 1, size.width),
    y0: clip(Math.min(...ys), size.height),
    y1: clip(Math.max(...ys) + 1, size.height),
  };
}

/** Rectangles of inputs read per layer. */
function readBoxes(
  nodes: SimulatedNodes,
  sizes: Sizes,
  fresh: ReadonlyMap<string, Box>,
  done: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, SimulatedRead[]> {
  const nothing = { x0: 0, x1: 0, y0: 0, y1: 0 };
  return new Map(
    nodes.map(([name, node]) => {
      const out = fresh.get(name)!;
      const [xs, ys] = touchedBy(node, out);
      const reads = inputsOf(node).map((map): SimulatedRead => {
        const box = areaOf(out) === 0 ? nothing : boxOf(xs, ys, sizes.get(map)!);
        const old = [...pixelsOf(box)].filter(([x, y]) => done.get(map)!.has(`${x},${y}`)).length;
        return { map, box, old };
      });
      return [name, reads];
    }),
  );
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
