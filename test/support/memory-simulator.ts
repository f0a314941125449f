/**
 * Executes the tiles of a small stack on its memories, pixel by pixel. The levels are given (they are decisions);
 * which pixels a tile computes and reads comes from the tile simulator. It knows no sizes, extents or closed form.
 *
 * A pixel of a map that a layer reads is in exactly one of three places:
 * - computed or fetched by this tile: where the map was put (the patch level, the output's top level);
 * - in a row above what this tile makes: in the row cache, where an earlier row of tiles put it aside;
 * - else, in a column to the left of what this tile makes: in the column cache, put aside in this row of tiles.
 * If that memory is not the top level of the layer's inputs, the pixel is copied there first: once per operand that
 * reads it, and it is gone when the layer has run. A read of what is not there is listed in `missing`.
 *
 * Putting aside: each new pixel in a column that a tile further right reads goes to the column cache, each in a row
 * that a lower row of tiles reads to the row cache. The two controllers are separate, so they see whole columns and
 * whole rows of the tile. A pixel that both keep is moved once if they share a memory, twice if not. Nothing moves
 * into the memory in which the map lies. It happens when the last layer that reads the map takes its input, so that
 * what the kept data replaces has been read; until then the map stays where it is.
 *
 * A bit is live in a memory from its arrival to the last time it is read there, and one copy per memory serves all
 * purposes. So a peak is what the best buffer management needs: to exceed a memory is wrong for certain.
 */
import { occupancyOf } from './occupancy.js';
import { areaOf, type Box, type Simulation, type SimulatedTile, type Sizes } from './tile-simulator.js';

/** Memories are indices, the last one is the top; null: none. */
export interface TileLevels {
  readonly patch: ReadonlyMap<string, number>;
  readonly tops: ReadonlyMap<string, { readonly I: number; readonly O: number }>;
  readonly readH: number | null;
  readonly writeH: number | null;
  readonly readV: number | null;
  readonly writeV: number | null;
}

export interface ExecutedTile {
  /** Bits per `reason map from>to`. */
  readonly moved: Readonly<Record<string, number>>;
  /** Largest number of live bits per memory, and, last, of different data wherever it is. */
  readonly peaks: readonly number[];
}

export interface Execution {
  /** In scan order. */
  readonly tiles: readonly ExecutedTile[];
  readonly missing: readonly string[];
}

const NOWHERE = -1;

export function execute(
  simulation: Simulation,
  sizes: Sizes,
  bitsOf: (map: string) => number,
  memories: number,
  levelsOf: (tile: SimulatedTile) => TileLevels,
): Execution {
  const { maps, nodes } = simulation;
  const { base, count } = numbering(maps, sizes);
  const idOf = (map: string, x: number, y: number): number => base.get(map)! + y * sizes.get(map)!.width + x;
  const live = occupancyOf(memories + 1, count);
  const [top, anywhere] = [memories - 1, memories];
  const readers = lastReaders(simulation);
  // Per pixel: the cache memory it was put aside in, and for columns in which row of tiles.
  const rowCache = new Int32Array(count).fill(NOWHERE);
  const columnCache = new Int32Array(count).fill(NOWHERE);
  const columnRow = new Int32Array(count).fill(NOWHERE);
  const missing: string[] = [];
  const starts: number[] = [];

  const executed = simulation.tiles.map((tile): Record<string, number> => {
    const levels = levelsOf(tile);
    const moved: Record<string, number> = {};
    const places = new Map<string, number>();

    const move = (why: string, map: string, id: number, from: number, to: number): void => {
      live.read(from, id);
      if (from === to) return;
      const key = `${why} ${map} ${from}>${to}`;
      moved[key] = (moved[key] ?? 0) + bitsOf(map);
      live.arrive(to, id, bitsOf(map));
    };

    const make = (map: string, level: number): void => {
      places.set(map, level);
      forEachPixel(tile.fresh.get(map)!, (x, y) => {
        live.arrive(level, idOf(map, x, y), bitsOf(map));
        live.arrive(anywhere, idOf(map, x, y), bitsOf(map));
      });
    };

    const putAside = (map: string): void => {
      const place = places.get(map)!;
      forEachPixel(tile.fresh.get(map)!, (x, y) => {
        const id = idOf(map, x, y);
        const [h, v] = [levels.writeH, levels.writeV];
        const inRows = v !== null && readers.ofRow(map, y) > tile.row;
        if (inRows) {
          move('v-cache-write', map, id, place, v);
          rowCache[id] = v;
        }
        if (h !== null && readers.ofColumn(map, x) > tile.column) {
          if (!inRows || h !== v) move('h-cache-write', map, id, place, h);
          columnCache[id] = h;
          columnRow[id] = tile.row;
        }
      });
    };

    /** Where a pixel comes from; NOWHERE: the model says it is there, and it is not. */
    const find = (map: string, x: number, y: number): readonly [why: string, memory: number] => {
      const [fresh, id] = [tile.fresh.get(map)!, idOf(map, x, y)];
      if (x >= fresh.x0 && x < fresh.x1 && y >= fresh.y0 && y < fresh.y1)
        return ['operand', places.get(map) ?? NOWHERE];
      if (y < fresh.y0) return ['v-cache-read', rowCache[id] === levels.readV ? rowCache[id] : NOWHERE];
      const there = columnCache[id] === levels.readH && columnRow[id] === tile.row;
      return ['h-cache-read', there ? columnCache[id]! : NOWHERE];
    };

    const bring = (layer: string): void => {
      for (const { map, box } of tile.reads.get(layer)!)
        forEachPixel(box, (x, y) => {
          const [why, from] = find(map, x, y);
          if (from !== NOWHERE) move(why, map, idOf(map, x, y), from, levels.tops.get(layer)!.I);
          else missing.push(`${layer} in tile ${tile.column},${tile.row}: ${why} of ${map} at ${x},${y}`);
        });
    };

    const run = (layer: string): void => {
      const { I, O } = levels.tops.get(layer)!;
      make(layer, O);
      live.tick(); // inputs and output are there together
      for (const { map, box } of tile.reads.get(layer)!)
        forEachPixel(box, (x, y) => {
          live.read(I, idOf(map, x, y));
          live.read(anywhere, idOf(map, x, y));
        });
    };

    starts.push(live.now());
    for (const map of maps.filter((name) => nodes.every(([node]) => node !== name))) {
      const level = levels.patch.get(map)!;
      forEachPixel(tile.fresh.get(map)!, (x, y) => move('stack-input', map, idOf(map, x, y), top, level));
      make(map, level);
    }
    const present = nodes.map(([name]) => name).filter((name) => areaOf(tile.fresh.get(name)!) > 0);
    const waiting = new Set(places.keys());
    present.forEach((layer, i) => {
      live.tick();
      bring(layer);
      const later = new Set(
        present.slice(i + 1).flatMap((name) => tile.reads.get(name)!.map(({ map }) => map)),
      );
      for (const map of waiting)
        if (!!process.env['EAGER'] || !later.has(map)) {
          putAside(map);
          waiting.delete(map);
        }
      live.tick();
      run(layer);
      waiting.add(layer);
    });
    live.tick();
    return moved;
  });
  const peaks = live.peaks(starts);
  return { tiles: executed.map((moved, i) => ({ moved, peaks: peaks[i]! })), missing };
}

function forEachPixel(box: Box, visit: (x: number, y: number) => void): void {
  for (let y = box.y0; y < box.y1; y++) for (let x = box.x0; x < box.x1; x++) visit(x, y);
}

/** Consecutive numbers for the pixels of all maps. */
function numbering(
  maps: readonly string[],
  sizes: Sizes,
): { base: ReadonlyMap<string, number>; count: number } {
  const base = new Map<string, number>();
  let count = 0;
  for (const map of maps) {
    base.set(map, count);
    count += sizes.get(map)!.width * sizes.get(map)!.height;
  }
  return { base, count };
}

/** Which tile column (row) is the last to read a column (row) of a map, in whatever row (column) of tiles. */
function lastReaders({ tiles }: Simulation): {
  readonly ofColumn: (map: string, x: number) => number;
  readonly ofRow: (map: string, y: number) => number;
} {
  const [columns, rows] = [new Map<string, number[]>(), new Map<string, number[]>()];
  const note = (
    last: Map<string, number[]>,
    map: string,
    [from, to]: [number, number],
    tile: number,
  ): void => {
    const own = last.get(map) ?? [];
    last.set(map, own);
    for (let i = from; i < to; i++) own[i] = Math.max(tile, own[i] ?? -1);
  };
  for (const tile of tiles)
    for (const { map, box } of [...tile.reads.values()].flat()) {
      note(columns, map, [box.x0, box.x1], tile.column);
      note(rows, map, [box.y0, box.y1], tile.row);
    }
  return {
    ofColumn: (map, x) => columns.get(map)?.[x] ?? -1,
    ofRow: (map, y) => rows.get(map)?.[y] ?? -1,
  };
}
