/**
 * Cycles of the layers that read what lies outside a stack, or leave its output there (formula 13 of
 * docs/lower-bound.md): they last at least as long as that takes through the port of the memory where it lies.
 */
import { known } from '../base/assert.js';
import type { TensorId } from '../base/ids.js';
import type { OperandName } from '../ir/cost.js';
import { holds, type Hierarchy } from '../schedule/hierarchy.js';
import { portKey } from './array-ports.js';
import type { Places } from './tile-bounds.js';

/** Ports of the memories in which maps may lie between stacks, in the order of `memories`. */
export interface OutsidePorts {
  /** Indices, ascending; the last is the top. */
  readonly memories: readonly number[];
  /** Cycles per bit that comes from there, and that is left there. */
  readonly fetch: readonly number[];
  readonly leave: readonly number[];
  /** Whether one port does both. */
  readonly shared: readonly boolean[];
}

export function outsidePorts({ levels, single, memory, top }: Hierarchy): OutsidePorts {
  const memories = levels.O.filter((m) => m === top || (single(m) && holds(memory(m), 'I')));
  return {
    memories,
    fetch: memories.map((m) => 1 / memory(m).read.bits),
    leave: memories.map((m) => 1 / memory(m).write.bits),
    shared: memories.map((m) => portKey(memory(m), 'I', 'toLow') === portKey(memory(m), 'O', 'fromLow')),
  };
}

/** What a layer reads from outside, or leaves there. */
export interface OutsideLayer {
  /** Maps that it reads, two at most, by the memories of the operand (indices, bottom up). */
  readonly inputs: readonly {
    readonly map: TensorId;
    readonly operand: OperandName;
    readonly levels: readonly number[];
  }[];
  /** Of the sink: memories of its output. */
  readonly output: readonly number[] | undefined;
}

/** Cycles of one such layer, by where each of its maps lies: a table of sums. */
export class OutsideLayerCycles {
  /** Numbers in the table. */
  readonly size: number;
  /** Cycles per bit by where a map lies: per input, and of the output; 0: not counted. */
  private readonly fetch: readonly (readonly number[])[];
  private readonly leave: readonly number[] | undefined;

  constructor(
    private readonly ports: OutsidePorts,
    private readonly layer: OutsideLayer,
  ) {
    const { memories, fetch, leave } = ports;
    // A transfer at the array itself has no on-loading, and one of them may take no time. Others pass a memory by that is
    // too narrow, or a second input the lowest.
    const above = (levels: readonly number[], lowest: number, cycles: readonly number[]): readonly number[] =>
      cycles.map((perBit, i) => (levels.indexOf(memories[i]!) > lowest ? perBit : 0));
    this.fetch = layer.inputs.map(({ operand, levels }) => above(levels, operand === 'Y' ? 1 : 0, fetch));
    this.leave = layer.output && above(layer.output, 0, leave);
    this.size = memories.length ** (layer.inputs.length + (layer.output ? 1 : 0));
  }

  /**
   * Adds so many times the cycles of one tile to a table that begins at `first`: what the tile takes anyway, `own` by where
   * the output is left, or of the bits that come and go, whichever is more. Of two inputs, and the output, those that lie
   * in one memory share its port.
   */
  add(
    sums: number[],
    first: number,
    count: number,
    own: ArrayLike<number>,
    bits: ArrayLike<number>,
    leftBits: number,
  ): void {
    const { shared, memories } = this.ports;
    const [one, two] = this.fetch;
    const { leave } = this;
    const places = memories.length;
    let cell = first;
    for (let a = 0; a < (one ? places : 1); a++) {
      const x = one ? bits[0]! * one[a]! : 0;
      for (let b = 0; b < (two ? places : 1); b++) {
        const y = two ? bits[1]! * two[b]! : 0;
        const both = two !== undefined && a === b;
        const [atA, atB] = both ? [x + y, x + y] : [x, y];
        for (let c = 0; c < (leave ? places : 1); c++) {
          const left = leave ? leftBits * leave[c]! : 0;
          const withLeft = leave !== undefined && shared[c]!;
          const ofA = atA + (withLeft && a === c ? left : 0);
          const ofB = atB + (withLeft && two && b === c ? left : 0);
          sums[cell++]! += count * Math.max(own[c]!, ofA, ofB, left);
        }
      }
    }
  }

  /** The sum for maps that lie in certain memories. */
  at(sums: readonly number[], first: number, { inputs, output }: Places): number {
    const { memories } = this.ports;
    let cell = 0;
    for (const { map } of this.layer.inputs) cell = cell * memories.length + memories.indexOf(inputs(map));
    if (this.leave) cell = cell * memories.length + memories.indexOf(output);
    return known(sums[first + cell], 'place of a map');
  }
}
