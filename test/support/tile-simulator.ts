/**
 * A second implementation of tiling, pixel by pixel: walks every tile of a small network and marks which pixels of
 * which map it computes, reads and keeps. It knows taps of kernels, not intervals, and no closed form.
 * A layer computes a rectangle; where data is kept it goes on from where it stopped, without gaps.
 */
import type { OverlapMode } from '../../src/ir/stack.js';
import type { NetworkSpec, NodeSpec } from './workloads.js';

interface Box {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

export interface SimulatedTile {
  readonly column: number;
  readonly row: number;
  /** Per map: columns and rows computed (or fetched) by this tile. */
  readonly fresh: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  /** Per layer and input position: pixels read, and those of them that earlier tiles made. */
  readonly reads: ReadonlyMap<string, readonly { readonly pixels: number; readonly old: number }[]>;
}

export interface Simulation {
  readonly tiles: readonly SimulatedTile[];
  /** Per map: how many columns after tile column c (of row 0) later tiles of the row still read. */
  readonly keptColumns: ReadonlyMap<string, readonly number[]>;
  readonly keptRows: ReadonlyMap<string, readonly number[]>;
}

const inputsOf = (node: NodeSpec): readonly string[] =>
  typeof node.from === 'string' ? [node.from] : node.from;

/** Every input index along one axis that output index `o` touches. */
function taps(node: NodeSpec, axis: 'x' | 'y', o: number): number[] {
  if (node.op === 'add') return [o];
  if (node.op === 'upsample') return [Math.floor(o / node.factor)];
  const { kernel, stride, dilation, before } = node[axis];
  return Array.from({ length: kernel }, (_, f) => o * stride - before + f * dilation);
}

export function simulate(
  spec: NetworkSpec,
  sizes: ReadonlyMap<string, { readonly width: number; readonly height: number }>,
  tile: { readonly x: number; readonly y: number },
  mode: OverlapMode,
): Simulation {
  const names = ['in', ...spec.nodes.map(([name]) => name)];
  const sink = names.at(-1)!;
  const { width, height } = sizes.get(sink)!;
  const [xs, ys] = [cuts(width, tile.x), cuts(height, tile.y)];
  const tiles: SimulatedTile[] = [];
  const readColumns: { map: string; x: number; column: number; row: number }[] = [];
  const readRows: { map: string; y: number; row: number }[] = [];
  const done = new Map(names.map((name) => [name, new Set<string>()]));
  const keepX = mode !== 'fully-recompute';
  const keepY = mode === 'fully-cached';
  const endX = new Map<string, number[]>(names.map((name) => [name, []]));
  const endY = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let row = 0; row < ys.length; row++) {
    for (let column = 0; column < xs.length; column++) {
      if (!keepX || (!keepY && column === 0)) for (const set of done.values()) set.clear();
      const wanted: Box = { ...span('x', xs[column]!), ...span('y', ys[row]!) };
      const boxes = freshBoxes(spec, names, sizes, wanted, { keepX, keepY, column, row, endX, endY });
      const reads = readPixels(spec, sizes, boxes, done, (map, x, y) => {
        readColumns.push({ map, x, column, row });
        readRows.push({ map, y, row });
      });
      for (const [name, box] of boxes) {
        for (let y = box.y0; y < box.y1; y++)
          for (let x = box.x0; x < box.x1; x++) done.get(name)!.add(`${x},${y}`);
        endX.get(name)![column] = Math.max(
          box.x1,
          endX.get(name)![column - 1] ?? 0,
          endX.get(name)![column] ?? 0,
        );
        endY.get(name)![row] = Math.max(box.y1, endY.get(name)![row - 1] ?? 0, endY.get(name)![row] ?? 0);
      }
      const fresh = new Map(
        [...boxes].map(([name, b]) => [name, { x: Math.max(0, b.x1 - b.x0), y: Math.max(0, b.y1 - b.y0) }]),
      );
      tiles.push({ column, row, fresh, reads });
    }
  }
  const keptColumns = new Map(
    names.map((name) => [
      name,
      xs.map((_, c) => {
        const later = readColumns
          .filter((r) => r.map === name && r.row === 0 && r.column > c)
          .map((r) => r.x);
        return later.length === 0 ? 0 : Math.max(0, endX.get(name)![c]! - Math.min(...later));
      }),
    ]),
  );
  const keptRows = new Map(
    names.map((name) => [
      name,
      ys.map((_, r) => {
        const later = readRows.filter((read) => read.map === name && read.row > r).map((read) => read.y);
        return later.length === 0 ? 0 : Math.max(0, endY.get(name)![r]! - Math.min(...later));
      }),
    ]),
  );
  return { tiles, keptColumns, keptRows };
}

const span = <A extends 'x' | 'y'>(
  axis: A,
  [start, end]: readonly [number, number],
): Record<`${A}0` | `${A}1`, number> =>
  ({ [`${axis}0`]: start, [`${axis}1`]: end }) as Record<`${A}0` | `${A}1`, number>;

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
}

/** Rectangles to compute, sink first: whatever is touched, goes on from where the map stopped. */
function freshBoxes(
  spec: NetworkSpec,
  names: readonly string[],
  sizes: ReadonlyMap<string, { readonly width: number; readonly height: number }>,
  wanted: Box,
  progress: Progress,
): Map<string, Box> {
  const touched = new Map<string, { xs: Set<number>; ys: Set<number> }>(
    names.map((n) => [n, { xs: new Set(), ys: new Set() }]),
  );
  const boxes = new Map<string, Box>();
  for (const name of [...names].reverse()) {
    const own = touched.get(name)!;
    const box = name === names.at(-1) ? { ...wanted } : boxOf(own.xs, own.ys, sizes.get(name)!);
    const { keepX, keepY, column, row, endX, endY } = progress;
    if (keepX && column > 0) box.x0 = endX.get(name)![column - 1]!;
    if (keepY && row > 0) box.y0 = endY.get(name)![row - 1]!;
    boxes.set(name, box);
    const node = spec.nodes.find(([n]) => n === name)?.[1];
    if (!node) continue;
    for (const from of inputsOf(node)) {
      for (let x = box.x0; x < box.x1; x++) for (const t of taps(node, 'x', x)) touched.get(from)!.xs.add(t);
      for (let y = box.y0; y < box.y1; y++) for (const t of taps(node, 'y', y)) touched.get(from)!.ys.add(t);
    }
  }
  return boxes;
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

/** Rectangles of inputs read per layer; `old`: pixels an earlier tile made. */
function readPixels(
  spec: NetworkSpec,
  sizes: ReadonlyMap<string, { readonly width: number; readonly height: number }>,
  boxes: ReadonlyMap<string, Box>,
  done: ReadonlyMap<string, ReadonlySet<string>>,
  onRead: (map: string, x: number, y: number) => void,
): Map<string, { pixels: number; old: number }[]> {
  const result = new Map<string, { pixels: number; old: number }[]>();
  for (const [name, node] of spec.nodes) {
    const box = boxes.get(name)!;
    const { width: w, height: h } = { width: box.x1 - box.x0, height: box.y1 - box.y0 };
    result.set(
      name,
      inputsOf(node).map((from) => {
        if (w <= 0 || h <= 0) return { pixels: 0, old: 0 };
        const xs = new Set(range(box.x0, box.x1).flatMap((x) => taps(node, 'x', x)));
        const ys = new Set(range(box.y0, box.y1).flatMap((y) => taps(node, 'y', y)));
        const read = boxOf(xs, ys, sizes.get(from)!);
        let [pixels, old] = [0, 0];
        for (let y = read.y0; y < read.y1; y++)
          for (let x = read.x0; x < read.x1; x++) {
            pixels++;
            if (done.get(from)!.has(`${x},${y}`)) old++;
            onRead(from, x, y);
          }
        return { pixels, old };
      }),
    );
  }
  return result;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
