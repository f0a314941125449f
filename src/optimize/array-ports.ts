/**
 * Cycles of a layer by what passes between the array and the lowest memory of every operand, port by port (formula 11 of
 * docs/lower-bound.md): each step of the array waits for all transfers through one port but the last of a tile.
 */
import { known } from '../base/assert.js';
import type { Accelerator } from '../hw/accelerator.js';
import { portFor, sideFor, type Direction, type Memory, type MemoryOperand } from '../hw/memory.js';
import type { TileOperand } from '../ir/layer-tile.js';

/** What one operand moves through one port of its lowest memory. */
interface ArrayLink {
  readonly operand: number;
  readonly bits: number;
  readonly widthBits: number;
  /** Sums that come back to the array: only where loops sum in time. */
  readonly isReturn: boolean;
}

/** The links of each port. */
export type ArrayPorts = readonly { readonly key: string; readonly links: readonly ArrayLink[] }[];

/** Work of the array: all of a layer, or one tile. */
export interface ArrayWork {
  readonly steps: number;
  /** Steps of one tile, at least. */
  readonly fewestSteps: number;
  /** Passes over the inputs. */
  readonly passes: number;
  /** Whether loops sum in time. */
  readonly sums: boolean;
  /** Whether this is one tile, so that every step moves whole cycles' worth. */
  readonly isTile: boolean;
}

export function arrayPortsOf(hw: Accelerator, operands: readonly TileOperand[]): ArrayPorts {
  const ports = new Map<string, ArrayLink[]>();
  operands.forEach((operand, o) => {
    if (operand.bits === 0) return;
    const memory = known(hw.memories[known(operand.levels[0], 'lowest level')], 'memory');
    const add = (direction: Direction, bits: number, isReturn: boolean): void => {
      const key = portKey(memory, operand.path, direction);
      const { bits: widthBits } = sideFor(memory, direction);
      const link = { operand: o, bits, widthBits, isReturn };
      ports.set(key, [...(ports.get(key) ?? []), link]);
    };
    if (operand.name === 'O') {
      add('fromLow', operand.bits, false);
      add('toLow', operand.psumBits, true);
    } else add('toLow', operand.bits, false);
  });
  return Array.from(ports, ([key, links]) => ({ key, links }));
}

/** The physical port of a memory that an operand takes in one direction. */
export const portKey = (memory: Memory, path: MemoryOperand, direction: Direction): string =>
  `${memory.id} ${known(portFor(memory, path, direction), 'port').name}`;

/** Cycles by port. `inStep`: by operand, elements that one instance of its lowest memory moves in a step. */
export function arrayPortCycles(
  ports: ArrayPorts,
  inStep: readonly number[],
  work: ArrayWork,
): readonly number[] {
  const { steps, fewestSteps, passes, sums, isTile } = work;
  // Nothing is needed of a map that only pads reach.
  if (steps === 0) return ports.map(() => 0);
  return ports.map(({ links }) => {
    let cycles = 0;
    for (const { operand, bits, widthBits, isReturn } of links) {
      if (isReturn && !sums) continue;
      const each = (known(inStep[operand], 'operand') * bits) / widthBits;
      cycles += (isTile ? Math.ceil(each - ROUNDING) : each) * (operand === 0 ? 1 : passes);
    }
    return cycles * steps * (1 - 1 / fewestSteps);
  });
}

/** Numbers of steps and elements are products of fractions. */
const ROUNDING = 1e-9;
