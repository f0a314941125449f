/** What a report is made of: the facets of a finished pipeline, and how it was run. */
import type { Profile } from '../base/profile.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { MemoryLimit } from '../hw/limit.js';
import type { AllocationPlan } from '../ir/alloc.js';
import type { CostSheet } from '../ir/cost.js';
import type { Workload } from '../ir/layer.js';
import type { GivenInputs } from '../ir/provenance.js';
import type { StackPlan } from '../ir/stack.js';
import type { TilePlan } from '../ir/tile.js';
import type { PluginReport } from './report.js';

export interface ReportInput {
  /** Name of the model, for people. */
  readonly name: string;
  readonly workload: Workload;
  readonly stacks: StackPlan;
  readonly tiles: TilePlan;
  readonly allocs: AllocationPlan;
  readonly costs: CostSheet;
  readonly hw: Accelerator;
  readonly profile: Profile;
  /** The canonical pipeline string. */
  readonly pipeline: string;
  readonly lpfLimit: number | null;
  /** File of given mappings, as the user named it, with the digest of its text; null: all were searched. */
  readonly mappings: { readonly file: string; readonly digest?: string | undefined } | null;
  /** What shapes and layers follow from besides the model and the accelerator. */
  readonly given: GivenInputs;
  readonly memoryLimits: readonly MemoryLimit[];
  /** Plugins whose passes took part; absent: none did. */
  readonly plugins?: readonly PluginReport[];
  /** Warnings and notes of the run. */
  readonly diagnostics: readonly Diagnostic[];
}
