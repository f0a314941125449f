/** How a stack is to be executed: its tile, its mode and the memory it hands its output over in. */
import type { Accelerator } from '../../hw/accelerator.js';
import type { MemoryId } from '../../base/ids.js';
import { OVERLAP_MODES, type Stack, type TileSize } from '../stack.js';

/** What of it is none, in few words. Passes may be JavaScript: any of it may be anything. */
export function executionFaults(
  { tile, mode, handOver }: Readonly<Partial<Record<keyof Stack, unknown>>>,
  hw: Accelerator,
): readonly string[] {
  const { x, y, heads } = (tile ?? {}) as Readonly<Record<keyof TileSize, unknown>>;
  const isTile = [x, y].every((size) => size === 'full' || isCount(size));
  const faults: string[] = [];
  if (!isTile || !(heads === undefined || isCount(heads))) faults.push(`tile ${sizesOf([x, y], heads)}`);
  if (!OVERLAP_MODES.some((known) => known === mode)) faults.push(`mode ${String(mode)}`);
  if (!sharedMemories(hw).some((id) => id === handOver)) faults.push(`hand-over in ${String(handOver)}`);
  return faults;
}

/** Memories that inputs and outputs share: what one stack leaves there, the next can read. */
export const sharedMemories = ({ memories }: Accelerator): readonly MemoryId[] =>
  memories.filter(({ operands }) => operands.includes('I') && operands.includes('O')).map(({ id }) => id);

const isCount = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) > 0;

/** `fullx0`, `"14"x3`: a text that should be a number shows as one. */
function sizesOf(sizes: readonly unknown[], heads: unknown): string {
  const text = (size: unknown): string =>
    typeof size === 'string' && size !== 'full' ? JSON.stringify(size) : String(size);
  return `${sizes.map(text).join('x')}${heads === undefined ? '' : `xh${text(heads)}`}`;
}
