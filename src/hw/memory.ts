import type { MemoryId } from '../base/ids.js';

/** Memory paths of an accelerator: weights, inputs, outputs. */
export type MemoryOperand = 'W' | 'I' | 'O';
export const MEMORY_OPERANDS = ['W', 'I', 'O'] as const satisfies readonly MemoryOperand[];

/**
 * Directions of a transfer at a memory: `toLow` read towards the array, `fromLow` written from it,
 * `toHigh` read towards the top, `fromHigh` written from it.
 */
export type Direction = 'toLow' | 'fromLow' | 'toHigh' | 'fromHigh';

export interface Transfer {
  readonly operand: MemoryOperand;
  readonly direction: Direction;
}

/** A physical port: one transfer at a time. */
export interface Port {
  readonly name: string;
  readonly kind: 'read' | 'write' | 'read-write';
  readonly transfers: readonly Transfer[];
}

/** One side (read or write) of a memory. */
export interface AccessSide {
  /** Width of a full access, bits per cycle. */
  readonly bits: number;
  /** Smallest part of a word that is paid for, bits. */
  readonly granularityBits: number;
  /** Energy of one full-width access, pJ. */
  readonly energyPj: number;
}

/** One memory level; sizes and widths are those of one instance. */
export interface Memory {
  readonly id: MemoryId;
  readonly name: string;
  readonly sizeBits: number;
  /** Paths that use it; the order matters for the allocation of loops (cost-model.md 6.4). */
  readonly operands: readonly MemoryOperand[];
  /** Array dimensions that share one instance. */
  readonly serves: readonly string[];
  readonly read: AccessSide;
  readonly write: AccessSide;
  readonly ports: readonly Port[];
  readonly latencyCycles: number;
}

/** The port of a transfer; undefined: there is none. */
export const portFor = ({ ports }: Memory, operand: MemoryOperand, direction: Direction): Port | undefined =>
  ports.find(({ transfers }) =>
    transfers.some((transfer) => transfer.operand === operand && transfer.direction === direction),
  );

/** What a transfer does to the memory: it is read towards another, and written from one. */
export const sideFor = ({ read, write }: Memory, direction: Direction): AccessSide =>
  direction === 'toLow' || direction === 'toHigh' ? read : write;
