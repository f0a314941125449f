/** Chooses the memory level of every operand, cache and copy, per stack and tile type. */
import {
  allocateStack,
  definePass,
  handOversOf,
  hierarchyOf,
  known,
  mapperFor,
  overAlike,
  sizeText,
  type AllocationPlan,
  type HandOver,
  type InfeasibleAllocation,
  type IR,
  type PassContext,
  type StackAllocation,
} from '../src/kit.js';

export const allocateMemory = definePass({
  name: 'allocate-memory',
  summary: 'Choose memory levels for operands, caches and copies, per tile type.',
  needs: ['layers', 'stacks', 'tiles'],
  makes: 'allocs',
  options: {},
  run(
    { layers, stacks: plan, tiles }: IR<'layers' | 'stacks' | 'tiles'>,
    _options: object,
    ctx: PassContext,
  ): AllocationPlan {
    const handOvers = handOversOf(layers, plan, hierarchyOf(ctx.hw));
    const results = overAlike<StackAllocation | InfeasibleAllocation>(layers, plan.stacks, {
      work: (stack, s) => {
        ctx.progress(s, plan.stacks.length, `allocate ${stack.id}`);
        const tiled = known(tiles.stacks[s], 'tiled stack');
        const mapper = mapperFor(ctx.mappers, stack);
        const result = allocateStack(layers, tiled, ctx.hw, ctx.profile, mapper, handOvers[s]);
        return result.kind === 'allocated' ? result.allocation : result;
      },
      given: (s) => (ctx.mappingsGiven ? [s] : [tiles.stacks[s], entriesOf(handOvers[s])]),
      // Why a stack fits nowhere is said in words, with names in them.
      holds: (result) => !isInfeasible(result),
    });
    const failures = results.filter(isInfeasible);
    const stacks = results.filter((result): result is StackAllocation => !isInfeasible(result));
    for (const failure of failures) report(failure, ctx);
    return { stacks, infeasible: failures.map(({ reason }) => reason) };
  },
});

const isInfeasible = (result: StackAllocation | InfeasibleAllocation): result is InfeasibleAllocation =>
  'reason' in result;

const entriesOf = (handOver: HandOver | undefined): readonly unknown[] =>
  handOver === undefined ? [] : [handOver.output, [...handOver.maps]];

function report({ reason, diagnostics }: InfeasibleAllocation, ctx: PassContext): void {
  for (const d of diagnostics) ctx.diag(d.code, d.message, d.at, d);
  if (diagnostics.length > 0) return;
  const gap = sizeText(reason.demandBits - reason.boundBits);
  ctx.diag(
    'DF5001',
    `${reason.layer} fits no choice of levels: ${reason.memory} holds ${sizeText(reason.boundBits)}, ` +
      `at least ${sizeText(reason.demandBits)} are needed (${gap} short)`,
    [{ kind: 'ir', pass: 'allocate-memory', id: `${reason.stack} ${reason.type} ${reason.layer}` }],
    { terms: reason.terms, help: reason.levers.join('; or ') },
  );
}
