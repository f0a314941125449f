/**
 * Chooses the schedule: cuts, and per stack tile, overlap storing mode, hand-over memory and what its mappings minimise.
 * Exact over its candidates, and never worse than any fixed schedule among them.
 */
import {
  definePass,
  fail,
  grouped,
  groupedDown,
  known,
  OBJECTIVES,
  optimizeSchedule,
  OVERLAP_MODES,
  parseTile,
  TILE_PATTERN,
  type CandidateSettings,
  type IR,
  type Objective,
  type Optimized,
  type PassContext,
  type StackPlan,
  type Stretch,
} from '../src/kit.js';

interface Options {
  readonly for: Objective;
  readonly cuts: 'free' | 'kept';
  readonly tile: string;
  readonly mode: 'free' | CandidateMode;
  readonly tiles: readonly string[];
  readonly 'max-energy': number;
  readonly 'max-latency': number;
  readonly pareto: boolean;
}
type CandidateMode = NonNullable<CandidateSettings['mode']>;

export const optimizePass = definePass({
  name: 'optimize-schedule',
  summary: 'Choose cuts, and per stack tile, mode and hand-over memory: the best of all candidates.',
  needs: ['layers', 'stacks'],
  makes: 'stacks',
  options: {
    for: { type: 'string', enum: OBJECTIVES, default: 'energy', description: 'what to minimise' },
    cuts: {
      type: 'string',
      enum: ['free', 'kept'],
      default: 'free',
      description: 'free: any legal stacks; kept: those there are',
    },
    tile: {
      type: 'string',
      pattern: `^free$|${TILE_PATTERN}`,
      default: 'free',
      description: 'free: chosen per stack; or the tile of all stacks, columns x rows',
    },
    mode: {
      type: 'string',
      enum: ['free', ...OVERLAP_MODES],
      default: 'free',
      description: 'free: chosen per stack; or the overlap storing mode of all stacks',
    },
    tiles: {
      type: 'array',
      default: [],
      description: 'tiles to choose from instead of those that follow from the problem; +: besides them',
    },
    'max-energy': { type: 'number', minimum: 0, default: 0, description: 'most energy, pJ; 0: no limit' },
    'max-latency': { type: 'number', minimum: 0, default: 0, description: 'most cycles; 0: no limit' },
    pareto: { type: 'boolean', default: false, description: 'also the front of energy against latency' },
  },
  run(ir: IR<'layers' | 'stacks'>, options: Options, ctx: PassContext): StackPlan {
    const result = optimizeSchedule({
      workload: ir.layers,
      hw: ctx.hw,
      profile: ctx.profile,
      mappers: ctx.mappers,
      objective: options.for,
      limits: {
        energyPj: options['max-energy'] || Infinity,
        latencyCycles: options['max-latency'] || Infinity,
      },
      front: options.pareto,
      settings: settingsOf(options),
      ...(options.cuts === 'kept' ? { stretches: keptStretches(ir) } : {}),
      sinks: ir.stacks.stacks.map(({ layers }) => known(layers.at(-1), 'sink')),
      ...(ctx.budgeted ? { outOfTime: ctx.outOfTime } : {}),
      progress: ctx.progress,
    });
    if (result === undefined) {
      // The stacks there are stay: what follows says what each of them is short of.
      ctx.diag('DF3050', 'no schedule made of the candidates fits the memories', [], {
        help:
          `leave tile, mode and cuts free${ctx.mappingsGiven ? ', and layers without a given mapping' : ''}; ` +
          'what the stacks of the rule are short of follows',
      });
      return ir.stacks;
    }
    const { stacks, search } = result;
    if (!result.withinLimits) ctx.diag(...beyond(search));
    for (const [name, count] of Object.entries(search.counts)) ctx.stat(name, count);
    return { by: `optimize ${options.for}`, stacks, search };
  },
});

/** The schedule that comes nearest is reported with what it misses. */
function beyond({ limits, reasons, proven }: Optimized['search']): Parameters<PassContext['diag']> {
  const sum = (of: 'energyPj' | 'latencyCycles'): string =>
    grouped(reasons.reduce((total, { cost }) => total + cost[of], 0));
  const asked = [
    ...(limits.energyPj === null ? [] : [`${groupedDown(limits.energyPj)} pJ`]),
    ...(limits.latencyCycles === null ? [] : [`${groupedDown(limits.latencyCycles)} cycles`]),
  ].join(' and ');
  const found = `${sum('energyPj')} pJ and ${sum('latencyCycles')} cycles`;
  return [
    'DF3054',
    `no candidate schedule ${proven ? 'is' : 'was found that is'} within ${asked}; the nearest has ${found}`,
    [],
    { help: 'allow more; --pareto shows what there is to choose from' },
  ];
}

function settingsOf({ tile, mode, tiles }: Options): CandidateSettings {
  const only = tiles.length > 0 && !tiles.some((text) => text.startsWith('+'));
  return {
    ...(tile === 'free' ? {} : { tile: parseTile(tile) }),
    ...(mode === 'free' ? {} : { mode }),
    ...(tiles.length === 0
      ? {}
      : { tiles: { sizes: tiles.map((text) => parseTile(text.replace(/^\+/, ''))), only } }),
  };
}

/** The stacks there are, as stretches of the layers. */
function keptStretches({
  layers: { layers },
  stacks: { stacks },
}: IR<'layers' | 'stacks'>): readonly Stretch[] {
  let from = 0;
  return stacks.map((stack) => {
    const stretch = {
      from,
      to: from + stack.layers.length,
      layers: layers.slice(from, from + stack.layers.length),
    };
    if (stack.layers.some((id, i) => stretch.layers[i]?.id !== id))
      fail(
        'DF3051',
        `the stacks there are evaluate layers twice: ${stack.id} does not follow the one before it`,
        [{ kind: 'ir', facet: 'stacks', id: known(stack.layers[0], 'layer') }],
      );
    from = stretch.to;
    return stretch;
  });
}
