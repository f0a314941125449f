/** Branded identifiers. The printed form is the id itself: `@conv1`, `%a`, `$0`, `mem:dram`. */
import { perValue } from './bounded-map.js';

declare const brand: unique symbol;
export type Id<K extends string> = string & { readonly [brand]: K };

export type LayerId = Id<'layer'>;
export type TensorId = Id<'tensor'>;
export type StackId = Id<'stack'>;
export type MemoryId = Id<'memory'>;

export const layerId = (name: string): LayerId => `@${name}` as LayerId;
export const tensorId = (name: string): TensorId => `%${name}` as TensorId;
export const stackId = (index: number): StackId => `$${index}` as StackId;
export const memoryId = (name: string): MemoryId => `mem:${name}` as MemoryId;

export const isTensorId = (id: string): id is TensorId => id.startsWith('%');
export const isStackId = (id: string): id is StackId => id.startsWith('$');

const SIGILS: ReadonlySet<number> = new Set(['@', '%', '$'].map((sigil) => sigil.charCodeAt(0)));

/** The bare name behind an id: `@conv1` -> `conv1`, `mem:dram` -> `dram`. */
export function bareName(id: LayerId | TensorId | StackId | MemoryId): string {
  if (SIGILS.has(id.charCodeAt(0))) return id.slice(1);
  return id.startsWith('mem:') ? id.slice(4) : id;
}

/** Of memories there are few, and every layer names them. */
export const memoryName = perValue(256, (id: MemoryId): string => bareName(id));
