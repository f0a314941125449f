/**
 * Layer tiles that are mirror images: what one is along x the other is along y, on an array that does not tell columns
 * from rows. Networks on square maps ask about both; one of them is searched for, and its mapping, mirrored, is the
 * answer to the other. Invariant: what a problem is answered does not depend on what else has been asked.
 */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import type { Profile } from '../base/profile.js';
import { costOfMapping } from '../cost/layer-tile-cost.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LoopDim, LoopSize, Unrolling } from '../ir/layer.js';
import type { LayerTileProblem, MapResult, TileOperand, TileWindow } from '../ir/layer-tile.js';
import { problemKey } from './problem-key.js';

/** A problem as it is searched for. */
export interface Posed {
  readonly key: string;
  readonly problem: LayerTileProblem;
  /** The answer to the question that was asked, from that to the one posed. */
  readonly answer: (result: MapResult) => MapResult;
}

/** Worked out once for a problem. */
export type Pose = (problem: LayerTileProblem) => Posed;

/** Every problem as it is. */
export const asAsked: Pose = perObject((problem: LayerTileProblem): Posed => ({
  key: problemKey(problem),
  problem,
  answer: (result) => result,
}));

/**
 * One of two mirror images. As published, the order of loops decides ties, and with a limit on loop factors it decides
 * which of them are joined: there every problem is its own. `lpfLimit`: null: none.
 */
export function poseOn(hw: Accelerator, profile: Profile, lpfLimit: number | null): Pose {
  if (profile.boundaries !== 'searched' || lpfLimit !== null) return asAsked;
  // Of one question each: that to which the problem posed is the image.
  const images = new WeakMap<MapResult, MapResult>();
  const answerTo =
    (asked: LayerTileProblem) =>
    (result: MapResult): MapResult => {
      const image = images.get(result) ?? mirroredResult(hw, profile, asked, result);
      images.set(result, image);
      return image;
    };
  return perObject((problem: LayerTileProblem): Posed => {
    const asked = asAsked(problem);
    const image = mirrored(hw, problem);
    if (image === undefined) return asked;
    const key = problemKey(image);
    const isPosed = height(image) === height(problem) ? key < asked.key : height(image) > height(problem);
    return isPosed ? { key, problem: image, answer: answerTo(problem) } : asked;
  });
}

/** The higher of two images is posed; of two as high it only has to be the same for both. */
const height = ({ loops }: LayerTileProblem): number => loops.find(({ dim }) => dim === 'OY')?.size ?? 1;

/** Whether a problem looks the same along both axes. */
export function isOwnImage(hw: Accelerator, problem: LayerTileProblem): boolean {
  const image = mirrored(hw, problem);
  return image !== undefined && problemKey(image) === problemKey(problem);
}

const OTHER: Partial<Record<LoopDim, LoopDim>> = { OX: 'OY', OY: 'OX', FX: 'FY', FY: 'FX' };
const otherDim = (dim: LoopDim): LoopDim => OTHER[dim] ?? dim;

/** Undefined: the array tells the axes apart, or only one of them has loops. */
function mirrored(hw: Accelerator, problem: LayerTileProblem): LayerTileProblem | undefined {
  const { loops, unrolling, operands } = problem;
  const dims = loops.map(({ dim }) => dim);
  if (!dims.every((dim) => dims.includes(otherDim(dim)))) return undefined;
  if (!areAlike(hw, unrollsOf(unrolling, 'OX'), unrollsOf(unrolling, 'OY'))) return undefined;
  if (!areAlike(hw, unrollsOf(unrolling, 'FX'), unrollsOf(unrolling, 'FY'))) return undefined;
  const images = operands.map((operand) => mirroredOperand(operand, dims));
  if (!images.every((image) => image !== undefined)) return undefined;
  const sizes = new Map(loops.map(({ dim, size }) => [otherDim(dim), size]));
  const turned = loops.map(({ dim }): LoopSize => ({ dim, size: sizes.get(dim) ?? 1 }));
  return { ...problem, loops: turned, operands: images };
}

const unrollsOf = (unrolling: readonly Unrolling[], dim: LoopDim): readonly Unrolling[] =>
  unrolling.filter((one) => one.dim === dim);

/** Whether two lists of unrollings take as many units, of array dims that all memories serve alike. */
const areAlike = (hw: Accelerator, some: readonly Unrolling[], others: readonly Unrolling[]): boolean =>
  some.length === others.length &&
  some.every(({ array, size }, i) => {
    const other = others[i]!;
    return size === other.size && areInterchangeable(hw, array, other.array);
  });

function areInterchangeable({ array: { dims }, memories }: Accelerator, one: string, other: string): boolean {
  const unitsOf = (array: string): number | undefined => dims.find(({ name }) => name === array)?.size;
  return (
    unitsOf(one) === unitsOf(other) &&
    memories.every(({ serves }) => serves.includes(one) === serves.includes(other))
  );
}

/** Undefined: it has a window along one axis only. */
function mirroredOperand(operand: TileOperand, dims: readonly LoopDim[]): TileOperand | undefined {
  const inOrder = (some: readonly LoopDim[]): readonly LoopDim[] => {
    const others = some.map(otherDim);
    return dims.filter((dim) => others.includes(dim));
  };
  const windows: TileWindow[] = [];
  for (const { out, kernel } of operand.windows) {
    const other = operand.windows.find((window) => otherDim(window.out) === out);
    if (other === undefined) return undefined;
    windows.push({ ...other, out, kernel });
  }
  return {
    ...operand,
    relevant: inOrder(operand.relevant),
    irrelevant: inOrder(operand.irrelevant),
    windows,
  };
}

/** Scored anew, so that every figure is that of the very mapping, to the last bit. */
function mirroredResult(
  hw: Accelerator,
  profile: Profile,
  asked: LayerTileProblem,
  result: MapResult,
): MapResult {
  if (result.kind !== 'mapped') return result;
  const { temporal } = result.mapped;
  const split = asked.operands.map(({ name, levels }) => {
    let loops = 0;
    return levels.map((level) => {
      const { id } = known(hw.memories[level], 'memory');
      while (loops < temporal.length && temporal[loops]!.level[name] === id) loops++;
      return loops;
    });
  });
  const loops = temporal.map(({ dim, size }): LoopSize => ({ dim: otherDim(dim), size }));
  return { ...result, mapped: costOfMapping(hw, profile, asked, { loops, split }) };
}
