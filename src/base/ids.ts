/** Branded identifiers. The printed form is the id itself: `@conv1`, `%a`, `$0`, `mem:dram`. */
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

/** The bare name behind an id: `@conv1` -> `conv1`, `mem:dram` -> `dram`. */
export const bareName = (id: LayerId | TensorId | StackId | MemoryId): string =>
  id.startsWith('mem:') ? id.slice(4) : '@%$'.includes(id.charAt(0)) ? id.slice(1) : id;
