/** Schema of what a search says about the schedule it chose. */
import { OBJECTIVES, type EnergyAndLatency, type ScheduleSearch } from '../search.js';
import { object, oneOf, orNull, BOOLEAN, COUNT, AMOUNT } from './builders.js';

const energyAndLatency = object<EnergyAndLatency>({ energyPj: AMOUNT, latencyCycles: AMOUNT });
export const SCHEDULE_SEARCH = object<ScheduleSearch>({
  objective: oneOf(...OBJECTIVES),
  proven: BOOLEAN,
  leastOfCandidates: AMOUNT,
  bound: orNull(energyAndLatency),
  counts: object<ScheduleSearch['counts']>({ stacks: COUNT, placedStacks: COUNT, evaluations: COUNT }),
});
