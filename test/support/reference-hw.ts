/** Accelerators of the reference folder, and what they are called here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHardware } from '../../parity/hardware.js';
import type { Accelerator } from '../../src/hw/accelerator.js';

/** Our name of a reference file: `Edge_TPU_like_DF` -> `edge-tpu-like-df`. */
export const builtinName = (reference: string): string =>
  reference.toLowerCase().replaceAll('_', '-').replace('meta-prototype', 'meta-proto');

export interface ReferenceAccelerator extends Accelerator {
  /** Physical instances of each memory, as the file states them. */
  readonly instances: readonly number[];
}

export function readReferenceAccelerator(folder: string, name: string): ReferenceAccelerator {
  const path = join(folder, `reference/accelerators/${name}.json`);
  const { memories } = JSON.parse(readFileSync(path, 'utf8')) as {
    memories: readonly { readonly unroll_count: number }[];
  };
  return { ...readHardware(path), instances: memories.map((memory) => memory.unroll_count) };
}
