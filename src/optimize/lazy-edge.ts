/**
 * One stack of the search graph with everything it may be: tiles and modes, each known by a lower bound that rises look
 * by look until it has been evaluated with every mapper that could be better. Invariant: `least` never falls, and never
 * exceeds the cost of any candidate.
 */
import { known } from '../base/assert.js';
import type { OverlapMode, TileSize } from '../ir/stack.js';
import { lowestOf, type Point } from './layer-bound.js';

/** What counts: `energy` per pJ and `latency` per cycle. */
export interface Weights {
  readonly energy: number;
  readonly latency: number;
}

export const weigh = ({ energyPj, latencyCycles }: Point, { energy, latency }: Weights): number =>
  (energy === 0 ? 0 : energy * energyPj) + (latency === 0 ? 0 : latency * latencyCycles);

/** One way to schedule a stack, with one of the mappers. */
export interface CostedPoint extends Point {
  readonly mapper: string;
}

export interface Candidate {
  readonly tile: TileSize;
  readonly mode: OverlapMode;
}

/** A candidate as far as it is known. */
export interface Known {
  readonly candidate: Candidate;
  /** What it offers with the mappers that have been asked. */
  readonly points: readonly CostedPoint[];
  /** Nothing that it offers besides is below; undefined: nothing else is worth asking for. */
  readonly open: Point | undefined;
  /** How often it has been looked at closer. */
  readonly looks: number;
}

export interface Choice {
  readonly candidate: Candidate;
  readonly point: CostedPoint;
}

export const NEVER: Point = { energyPj: Infinity, latencyCycles: Infinity };

export class LazyEdge {
  private entries: Known[] | undefined;
  /** What the candidates come to by the weights asked for, as they are now. */
  private readonly weighed = new Map<Weights, Weighed>();

  constructor(
    /** Nothing the edge offers is below. */
    readonly bound: Point,
    private readonly expand: () => readonly Known[],
    /** Looks closer at an open candidate; after a few looks it is no longer open. */
    private readonly look: (entry: Known) => Known,
    /** Whether the next look at a candidate only raises its bound. */
    private readonly isCheap: (entry: Known) => boolean,
  ) {}

  /** Lower bound of the cheapest candidate; its cost, once that is known. */
  least(weights: Weights): number {
    return this.weigh(weights).least;
  }

  /** Whether the cost of the cheapest candidate is known. */
  settled(weights: Weights): boolean {
    return this.weigh(weights).isSettled;
  }

  /** One step closer: lists the candidates, or looks closer at the one with the least bound. */
  refine(weights: Weights): void {
    if (this.entries === undefined) this.all();
    else this.learn(this.weigh(weights).firstOpen);
  }

  /** Whether the next step closer is one that only raises a bound. */
  isNextCheap(weights: Weights): boolean {
    const { isSettled, firstOpen } = this.weigh(weights);
    const next = this.entries?.[firstOpen];
    return !isSettled && next !== undefined && this.isCheap(next);
  }

  /**
   * So many steps closer at most, and then whatever candidate looks best is evaluated, if none that fits has been. False:
   * it was told to stop before.
   */
  trust(weights: Weights, steps: number, stop: () => boolean): boolean {
    for (let step = 0; step < steps && !this.settled(weights); step++) {
      if (stop()) return false;
      this.refine(weights);
    }
    while (this.least(weights) < Infinity && this.best(weights) === undefined) {
      this.all();
      const at = this.weigh(weights).firstOpen;
      while (at >= 0 && isUnknown(this.entries?.[at])) {
        if (stop()) return false;
        this.learn(at);
      }
    }
    return true;
  }

  /** Nothing the edge offers has less energy, or less latency, as far as is known. */
  lowest(): Point {
    if (this.entries === undefined) return this.bound;
    return lowestOf(this.entries.flatMap(({ points, open }) => [...points, ...(open ? [open] : [])]));
  }

  /** All candidates that are known so far. */
  known(): readonly Known[] {
    return this.entries ?? [];
  }

  /** Every candidate, listed if need be. */
  all(): readonly Known[] {
    if (this.entries === undefined) {
      this.entries = [...this.expand()];
      this.weighed.clear();
    }
    return this.entries;
  }

  /** Looks closer at the candidate at a position of `all()`, if it is open. */
  learn(at: number): void {
    const entries = this.entries ?? [];
    const entry = known(entries[at], 'candidate');
    if (entry.open === undefined) return;
    entries[at] = this.look(entry);
    this.weighed.clear();
  }

  /** The cheapest evaluated point. */
  best(weights: Weights): Choice | undefined {
    let best: Choice | undefined;
    let least = Infinity;
    for (const { candidate, points } of this.known())
      for (const point of points) {
        const cost = weigh(point, weights);
        if (cost < least) [least, best] = [cost, { candidate, point }];
      }
    return best;
  }

  private weigh(weights: Weights): Weighed {
    const found = this.weighed.get(weights) ?? weighedBy(weights, this.bound, this.entries);
    this.weighed.set(weights, found);
    return found;
  }
}

interface Weighed {
  readonly least: number;
  readonly isSettled: boolean;
  /** The open candidate that may be cheapest; -1: none is open. */
  readonly firstOpen: number;
}

function weighedBy(weights: Weights, bound: Point, entries: readonly Known[] | undefined): Weighed {
  if (entries === undefined) {
    const least = weigh(bound, weights);
    return { least, isSettled: least === Infinity, firstOpen: -1 };
  }
  let [evaluated, open, firstOpen] = [Infinity, Infinity, -1];
  entries.forEach((entry, i) => {
    evaluated = Math.min(evaluated, evaluatedCost(entry, weights));
    const cost = openCost(entry, weights);
    if (cost < open) [open, firstOpen] = [cost, i];
  });
  return { least: Math.min(evaluated, open), isSettled: evaluated <= open, firstOpen };
}

/** Whether nothing that a candidate offers is known yet. */
const isUnknown = (entry: Known | undefined): boolean =>
  entry?.open !== undefined && entry.points.length === 0;

/** The cheapest of what is known of a candidate. */
export const evaluatedCost = ({ points }: Known, weights: Weights): number =>
  points.reduce((least, point) => Math.min(least, weigh(point, weights)), Infinity);

/** What is not known of a candidate costs at least this. */
export const openCost = ({ open }: Known, weights: Weights): number =>
  open === undefined ? Infinity : weigh(open, weights);
