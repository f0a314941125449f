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
 * whole rows of the tile, and each keeps one run of them: from the first that is still to be read to the last made.
 * A pixel that both keep is moved once if they share a memory, twice if not. Nothing moves into the memory in which
 * the map lies. It happens together with bringing the inputs of the layer that runs next, as the schedule's copy
 * steps say; what is read is read before something else takes its place.
 *
 * A map may be handed from stack to stack in a memory below the top: it lies there as a whole all the time (for the
 * output: comes to lie there), is fetched from there, and what is read or written there takes no room of its own.
 *
 * A bit is live in a memory from its arrival to the last time it is read there, and one copy per memory serves all
 * purposes. So a peak is what the best buffer management needs: to exceed a memory is wrong for certain.
 */
import { occupancyOf, type Occupancy } from './occupancy.js';
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

/** Maps that lie in a memory as a whole, by name. */
export type WholeMaps = ReadonlyMap<string, number>;

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

/** What outlives a tile. */
interface Memories {
  readonly idOf: (map: string, x: number, y: number) => number;
  readonly bitsOf: (map: string) => number;
  readonly whole: WholeMaps;
  readonly live: Occupancy;
  readonly top: number;
  /** A memory that stands for all of them: different data, wherever it is. */
  readonly anywhere: number;
  /**
   * Which tile column (row) is the last to read a column (row) of a map or one before it, in whatever row (column) of
   * tiles; beyond the last column (row) that anything reads, none.
   */
  readonly lastColumn: (map: string, x: number) => number;
  readonly lastRow: (map: string, y: number) => number;
  /** Per pixel: the memory in which it was put aside, and for columns in which row of tiles. */
  readonly rowCache: Int32Array;
  readonly columnCache: Int32Array;
  readonly columnRow: Int32Array;
  readonly missing: string[];
}

/** A tile on its way through the stack. */
interface Run extends Memories {
  readonly tile: SimulatedTile;
  readonly levels: TileLevels;
  readonly places: Map<string, number>;
  readonly moved: Record<string, number>;
}

export function execute(
  simulation: Simulation,
  sizes: Sizes,
  bitsOf: (map: string) => number,
  memories: number,
  levelsOf: (tile: SimulatedTile) => TileLevels,
  whole: WholeMaps = new Map(),
): Execution {
  const { base, count } = numbering(simulation.maps, sizes);
  const cache = (): Int32Array => new Int32Array(count).fill(NOWHERE);
  const state: Memories = {
    idOf: (map, x, y) => base.get(map)! + y * sizes.get(map)!.width + x,
    bitsOf,
    whole,
    live: occupancyOf(memories + 1, count),
    top: memories - 1,
    anywhere: memories,
    ...lastReaders(simulation),
    rowCache: cache(),
    columnCache: cache(),
    columnRow: cache(),
    missing: [],
  };
  const starts: number[] = [];
  const moved = simulation.tiles.map((tile) => {
    starts.push(state.live.now());
    const run: Run = { ...state, tile, levels: levelsOf(tile), places: new Map(), moved: {} };
    runTile(run, simulation);
    return run.moved;
  });
  const peaks = state.live.peaks(starts);
  return { tiles: moved.map((bits, i) => ({ moved: bits, peaks: peaks[i]! })), missing: state.missing };
}

function runTile(run: Run, { maps, nodes }: Simulation): void {
  const { tile, levels, live, top, whole, idOf } = run;
  for (const map of maps.filter((name) => nodes.every(([node]) => node !== name))) {
    const level = levels.patch.get(map)!;
    const from = whole.get(map) ?? top;
    forEachPixel(tile.fresh.get(map)!, (x, y) => move(run, 'stack-input', map, idOf(map, x, y), from, level));
    make(run, map, level);
  }
  let news = [...run.places.keys()];
  for (const [layer] of nodes) {
    if (areaOf(tile.fresh.get(layer)!) === 0) continue;
    live.tick();
    bring(run, layer);
    for (const map of news) putAside(run, map);
    live.tick();
    make(run, layer, levels.tops.get(layer)!.O);
    live.tick(); // inputs and output are there together
    readInputs(run, layer);
    news = [layer];
  }
  live.tick();
}

function move(run: Run, why: string, map: string, id: number, from: number, to: number): void {
  use(run, map, from, id);
  if (from === to) return;
  const key = `${why} ${map} ${from}>${to}`;
  run.moved[key] = (run.moved[key] ?? 0) + run.bitsOf(map);
  store(run, map, to, id);
}

function use({ live, whole }: Run, map: string, memory: number, id: number): void {
  if (whole.get(map) !== memory) live.read(memory, id);
}

function store({ live, whole, bitsOf }: Run, map: string, memory: number, id: number): void {
  if (whole.get(map) !== memory) live.arrive(memory, id, bitsOf(map));
}

/** The pixels of a map that are new in this tile come to lie in a memory. */
function make(run: Run, map: string, level: number): void {
  const { tile, places, live, anywhere, idOf, bitsOf } = run;
  places.set(map, level);
  forEachPixel(tile.fresh.get(map)!, (x, y) => {
    store(run, map, level, idOf(map, x, y));
    live.arrive(anywhere, idOf(map, x, y), bitsOf(map));
  });
}

function bring(run: Run, layer: string): void {
  const { tile, levels, missing, idOf } = run;
  for (const { map, box } of tile.reads.get(layer)!)
    forEachPixel(box, (x, y) => {
      const { why, from } = find(run, map, x, y);
      if (from === NOWHERE)
        missing.push(`${layer} in ${tile.column},${tile.row}: ${why} of ${map} at ${x},${y}`);
      else move(run, why, map, idOf(map, x, y), from, levels.tops.get(layer)!.I);
    });
}

function readInputs(run: Run, layer: string): void {
  const { tile, levels, live, anywhere, idOf } = run;
  for (const { map, box } of tile.reads.get(layer)!)
    forEachPixel(box, (x, y) => {
      use(run, map, levels.tops.get(layer)!.I, idOf(map, x, y));
      live.read(anywhere, idOf(map, x, y));
    });
}

/** Where a pixel comes from, by the three cases above. */
function find(run: Run, map: string, x: number, y: number): { readonly why: string; readonly from: number } {
  const { tile, levels, places, rowCache, columnCache, columnRow } = run;
  const [fresh, id] = [tile.fresh.get(map)!, run.idOf(map, x, y)];
  if (x >= fresh.x0 && x < fresh.x1 && y >= fresh.y0 && y < fresh.y1)
    return { why: 'operand', from: places.get(map) ?? NOWHERE };
  if (y < fresh.y0)
    return { why: 'v-cache-read', from: rowCache[id] === levels.readV ? levels.readV : NOWHERE };
  const there = columnCache[id] === levels.readH && columnRow[id] === tile.row;
  return { why: 'h-cache-read', from: there ? columnCache[id]! : NOWHERE };
}

function putAside(run: Run, map: string): void {
  const { tile, places, rowCache, columnCache, columnRow, lastColumn, lastRow } = run;
  const { writeH: h, writeV: v } = run.levels;
  const place = places.get(map)!;
  forEachPixel(tile.fresh.get(map)!, (x, y) => {
    const id = run.idOf(map, x, y);
    const inRows = v !== null && lastRow(map, y) > tile.row;
    if (inRows) {
      move(run, 'v-cache-write', map, id, place, v);
      rowCache[id] = v;
    }
    if (h !== null && lastColumn(map, x) > tile.column) {
      if (!inRows || h !== v) move(run, 'h-cache-write', map, id, place, h);
      columnCache[id] = h;
      columnRow[id] = tile.row;
    }
  });
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

function lastReaders({ tiles }: Simulation): Pick<Memories, 'lastColumn' | 'lastRow'> {
  const [columns, rows] = [new Map<string, number[]>(), new Map<string, number[]>()];
  const note = (last: Map<string, number[]>, map: string, from: number, to: number, tile: number): void => {
    const own = last.get(map) ?? [];
    last.set(map, own);
    for (let i = from; i < to; i++) own[i] = Math.max(tile, own[i] ?? NOWHERE);
  };
  for (const tile of tiles)
    for (const { map, box } of [...tile.reads.values()].flat()) {
      note(columns, map, box.x0, box.x1, tile.column);
      note(rows, map, box.y0, box.y1, tile.row);
    }
  for (const last of [...columns.values(), ...rows.values()])
    for (let i = 1; i < last.length; i++) last[i] = Math.max(last[i] ?? NOWHERE, last[i - 1] ?? NOWHERE);
  return {
    lastColumn: (map, x) => columns.get(map)?.[x] ?? NOWHERE,
    lastRow: (map, y) => rows.get(map)?.[y] ?? NOWHERE,
  };
}
