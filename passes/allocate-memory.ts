/** Chooses the memory level of every operand, cache and copy, per stack and tile type. */
import {
  allocateStack,
  definePass,
  handOversOf,
  hierarchyOf,
  known,
  mapperFor,
  sizeText,
  type AllocationPlan,
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
    const stacks: StackAllocation[] = [];
    const failures: InfeasibleAllocation[] = [];
    const handOvers = handOversOf(layers, plan, hierarchyOf(ctx.hw));
    tiles.stacks.forEach((tiled, done) => {
      ctx.progress(done, tiles.stacks.length, `allocate ${tiled.stack}`);
      const stack = known(plan.stacks[done], 'stack');
      const mapper = mapperFor(ctx.mappers, stack);
      const result = allocateStack(layers, tiled, ctx.hw, ctx.profile, mapper, handOvers[done]);
      if (result.kind === 'allocated') stacks.push(result.allocation);
      else failures.push(result);
    });
    for (const failure of failures) report(failure, ctx);
    return { stacks, infeasible: failures.map(({ reason }) => reason) };
  },
});

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
