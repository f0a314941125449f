/**
 * The mapper of an exploration, made in one place, and its answers as plain data: they travel between threads and
 * to disk. A problem that the mapper refuses is an answer too; what else is thrown is a bug and stays one.
 */
import type { Profile } from '../base/profile.js';
import { DiagnosticError, type Diagnostic } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LayerTileProblem, SearchResult } from '../ir/layer-tile.js';
import { createMapper } from '../mapping/mapper.js';

/** Everything an answer depends on besides the problem. */
export interface MapperSetting {
  readonly hw: Accelerator;
  readonly profile: Profile;
  /** Loop-prime-factor limit; null: none. */
  readonly lpfLimit: number | null;
}

export type Search = (problem: LayerTileProblem) => SearchResult;

export const mapperOf = ({ hw, profile, lpfLimit }: MapperSetting): Search =>
  createMapper(hw, profile, { lpfLimit });

export type Answer =
  | { readonly kind: 'found'; readonly result: SearchResult; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] };

/** `now`: a monotonic clock in milliseconds. */
export function answerOf(search: Search, problem: LayerTileProblem, now: () => number): Answer {
  const begin = now();
  try {
    return { kind: 'found', result: search(problem), milliseconds: now() - begin };
  } catch (error) {
    if (error instanceof DiagnosticError) return { kind: 'failed', diagnostics: error.diagnostics };
    throw error;
  }
}
