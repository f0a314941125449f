/**
 * Cycles of a layer in one tile by what passes the ports of its memories on the way to where its data lies (formula 13 of
 * docs/lower-bound.md): a port is busy with all that passes it, what the array takes and leaves included.
 */
import { known } from '../base/assert.js';
import { instancesOf, type Accelerator } from '../hw/accelerator.js';
import type { Direction, Memory, MemoryOperand } from '../hw/memory.js';
import type { TileOperand } from '../ir/layer-tile.js';
import { portKey, type ArrayPorts } from './array-ports.js';

/** One end of a hop between neighbouring memories. */
interface End {
  readonly port: number;
  /** Through one instance, of bits that divide over all. */
  readonly cyclesPerBit: number;
}

interface Hop {
  readonly below: End;
  readonly above: End;
  /** Bits that the memory below holds: of the output, the last transfer has no more. */
  readonly belowBits: number;
  /** Of the output: off-loading counts the hop even where another follows, for both take one port. */
  readonly waits: boolean;
}

/** The hops of an operand, bottom up, and what they carry. */
interface Route {
  readonly path: MemoryOperand;
  readonly hops: readonly Hop[];
  /** Hops that may be left out: a second input may pass by the lowest memory. */
  readonly skipped: number;
}

export interface PortRoutes {
  readonly ports: number;
  /** By operand. */
  readonly routes: readonly Route[];
  /** By port at the array, its number here. */
  readonly arrayPorts: readonly number[];
}

export function portRoutesOf(
  hw: Accelerator,
  operands: readonly TileOperand[],
  arrayPorts: ArrayPorts,
): PortRoutes {
  const numbers = new Map<string, number>();
  const numberOf = (key: string): number => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  const endOf = (memory: Memory, path: MemoryOperand, direction: Direction): End => {
    const side = direction === 'toLow' || direction === 'toHigh' ? memory.read : memory.write;
    return {
      port: numberOf(portKey(memory, path, direction)),
      cyclesPerBit: 1 / (side.bits * instancesOf(hw, memory)),
    };
  };
  const routes = operands.map(({ name, path, levels }): Route => {
    const memories = levels.map((index) => known(hw.memories[index], 'memory'));
    const isOutput = name === 'O';
    const hops = memories.slice(1).map((above, i): Hop => {
      const below = known(memories[i], 'memory');
      const arrives = endOf(above, path, isOutput ? 'fromLow' : 'toLow');
      const leaves = endOf(below, path, isOutput ? 'toHigh' : 'fromHigh');
      const goesOn = isOutput && i + 2 < memories.length ? endOf(above, path, 'toHigh').port : -1;
      const belowBits = below.sizeBits * instancesOf(hw, below);
      return { below: leaves, above: arrives, belowBits, waits: goesOn === arrives.port };
    });
    return { path, hops, skipped: name === 'Y' ? 1 : 0 };
  });
  return { routes, arrayPorts: arrayPorts.map(({ key }) => numberOf(key)), ports: numbers.size };
}

/** Least cycles of a tile by where its output has its top (position in the memories), and whatever that is. */
export interface TopCycles {
  readonly byTop: Float64Array;
  readonly least: number;
}

/** What one tile moves. */
export interface TileLoads {
  readonly routes: PortRoutes;
  /** By port at the array: cycles of what passes between it and the lowest memories. */
  readonly array: readonly number[];
  /** By operand: bits of all its elements, each once. */
  readonly bits: readonly number[];
  readonly computeCycles: number;
}

/**
 * Cycles by the top of the output. `tops`: per operand, positions of the lowest tops there may be; one of these choices,
 * or higher. `brought`: weights come from the top memory.
 *
 * Hot core: plain numbers, for every tile size of every layer.
 */
export function cyclesByTop(
  loads: TileLoads,
  tops: readonly (readonly number[])[],
  brought: boolean,
): TopCycles {
  const { routes, computeCycles } = loads;
  const byTop = new Float64Array(known(routes.routes[0], 'output').hops.length + 1).fill(Infinity);
  let least = Infinity;
  for (const choice of tops)
    for (let top = 0; top < byTop.length; top++) {
      const cycles = Math.max(computeCycles, busiest(loads, choice, top, brought));
      byTop[top] = Math.min(byTop[top]!, cycles);
      if (top >= choice[0]!) least = Math.min(least, cycles);
    }
  return { byTop, least };
}

/**
 * Cycles of the busiest port. On-loading counts the first transfers of streamed inputs, or of weights: never of both, but
 * whichever takes longer.
 */
function busiest(loads: TileLoads, tops: readonly number[], top: number, brought: boolean): number {
  const { ports, routes } = loads.routes;
  const streamed = new Float64Array(ports);
  const { array, bits } = loads;
  for (let p = 0; p < array.length; p++) streamed[loads.routes.arrayPorts[p]!] = array[p]!;
  addOutput(streamed, known(routes[0], 'output'), bits[0]!, top);
  const weights = brought ? streamed.slice() : undefined;
  for (let o = 1; o < routes.length; o++) {
    const route = routes[o]!;
    if (route.path === 'I') addInput(streamed, route, bits[o]!, tops[o]!);
    else if (weights) addInput(weights, route, bits[o]!, route.hops.length);
  }
  return Math.max(most(streamed), weights ? most(weights) : 0);
}

function addInput(cycles: Float64Array, { hops, skipped }: Route, bits: number, top: number): void {
  for (let a = skipped; a < top; a++) {
    const { below, above } = hops[a]!;
    cycles[below.port]! += bits * below.cyclesPerBit;
    cycles[above.port]! += bits * above.cyclesPerBit;
  }
}

/** The last transfer of a hop that others hide is not counted. */
function addOutput(cycles: Float64Array, { hops }: Route, bits: number, top: number): void {
  for (let a = 0; a < top; a++) {
    const { below, above, belowBits, waits } = hops[a]!;
    const counted = waits || a === top - 1 ? bits : Math.max(0, bits - belowBits);
    cycles[below.port]! += counted * below.cyclesPerBit;
    cycles[above.port]! += counted * above.cyclesPerBit;
  }
}

function most(cycles: Float64Array): number {
  let greatest = 0;
  for (let p = 0; p < cycles.length; p++) greatest = Math.max(greatest, cycles[p]!);
  return greatest;
}
