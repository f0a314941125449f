/** A study: one model on one accelerator, cut into stacks once per rule, ready to evaluate any number of points. */
import { bareName, type LayerId } from '../base/ids.js';
import type { Stack } from '../ir/stack.js';
import type { Workload } from '../ir/layer.js';
import { planStacks, STACK_RULES, type StackCuts } from '../planning/rules.js';
import type { SchedulePoint } from './grid.js';
import type { LineHead } from './line.js';
import type { MapperSetting } from './mapper.js';

export interface Study {
  readonly head: LineHead;
  readonly workload: Workload;
  readonly setting: MapperSetting;
  /** The stacks of every rule, by its canonical text. */
  readonly stacks: ReadonlyMap<string, readonly Stack[]>;
}

/** Cuts that a rule did not ask for, because a layer needs a whole map. */
export interface AddedCuts {
  readonly stacks: string;
  readonly after: readonly LayerId[];
}

export interface CreatedStudy {
  readonly study: Study;
  /** Canonical texts of the rules, each once. */
  readonly rules: readonly string[];
  readonly added: readonly AddedCuts[];
}

/** `rules`: as typed. Throws a DiagnosticError for cuts that are none. */
export function createStudy(
  head: LineHead,
  workload: Workload,
  setting: MapperSetting,
  rules: readonly string[],
): CreatedStudy {
  const planned = rules.map((rule) => {
    const cuts = cutsOf(rule);
    const { plan, added } = planStacks(workload, setting, cuts);
    return { text: ruleText(workload, cuts), stacks: plan.stacks, added };
  });
  const stacks = new Map(planned.map((plan) => [plan.text, plan.stacks]));
  const added = planned.flatMap((plan) =>
    plan.added.length > 0 ? [{ stacks: plan.text, after: plan.added }] : [],
  );
  return { study: { head, workload, setting, stacks }, rules: [...stacks.keys()], added };
}

function cutsOf(rule: string): StackCuts {
  const named = STACK_RULES.find((name) => name === rule);
  return named ?? rule.split(',').map((name) => name.trim());
}

/** Cuts by name in the order of the network, each once. */
function ruleText({ layers }: Workload, cuts: StackCuts): string {
  if (typeof cuts === 'string') return cuts;
  const names = new Set(cuts.map((name) => name.replace(/^@/, '')));
  return layers.flatMap(({ id }) => (names.has(bareName(id)) ? [bareName(id)] : [])).join(',');
}

/** The stacks of a point with its tile and mode. */
export const stacksOf = (study: Study, { stacks, tile, mode }: SchedulePoint): readonly Stack[] =>
  (study.stacks.get(stacks) ?? []).map((stack) => ({ ...stack, tile, mode }));
