/**
 * One stack of the search graph with everything it may be: tiles and modes, each known by a lower bound that rises look
 * by look until it has been evaluated. Invariant: `least` never falls, and never exceeds the cost of any candidate.
 */
import { known } from '../base/assert.js';
import type { OverlapMode, TileSize } from '../ir/stack.js';
import type { Point } from './layer-bound.js';

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
  /** Nothing it offers is below. */
  readonly bound: Point;
  /** What it offers; undefined: not evaluated yet, empty: infeasible. */
  readonly points: readonly CostedPoint[] | undefined;
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
  private weights: Weights = { energy: 0, latency: 0 };
  private leastCost = 0;
  private leastEntry = -1;

  constructor(
    /** Nothing the edge offers is below. */
    readonly bound: Point,
    private readonly expand: () => readonly Known[],
    /** Looks closer at a candidate that has no points yet; after a few looks it has. */
    private readonly look: (entry: Known) => Known,
  ) {}

  /** Lower bound of the cheapest candidate; its cost, once it has been evaluated. */
  least(weights: Weights): number {
    if (weights !== this.weights) this.weigh(weights);
    return this.leastCost;
  }

  /** Whether the cheapest candidate has been evaluated. */
  settled(weights: Weights): boolean {
    this.least(weights);
    return this.leastCost === Infinity || this.entries?.[this.leastEntry]?.points !== undefined;
  }

  /** One step closer: lists the candidates, or looks closer at the one with the least bound. */
  refine(weights: Weights): void {
    this.least(weights);
    if (this.entries === undefined) this.entries = [...this.expand()];
    else this.learn(this.leastEntry);
    this.weigh(weights);
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
      this.weigh(weights);
      const at = this.leastEntry;
      while (at >= 0 && this.entries?.[at]?.points === undefined) {
        if (stop()) return false;
        this.learn(at);
      }
    }
    return true;
  }

  /** Nothing the edge offers has less energy, or less latency, as far as is known. */
  lowest(): Point {
    if (this.entries === undefined) return this.bound;
    const points = this.entries.flatMap(({ bound, points: costed }): readonly Point[] => costed ?? [bound]);
    return {
      energyPj: Math.min(Infinity, ...points.map(({ energyPj }) => energyPj)),
      latencyCycles: Math.min(Infinity, ...points.map(({ latencyCycles }) => latencyCycles)),
    };
  }

  /** All candidates that are known so far. */
  known(): readonly Known[] {
    return this.entries ?? [];
  }

  /** Every candidate, listed if need be. */
  all(): readonly Known[] {
    this.entries ??= [...this.expand()];
    return this.entries;
  }

  /** Looks closer at the candidate at a position of `all()`, unless it has been evaluated. */
  learn(at: number): void {
    const entries = this.entries ?? [];
    const entry = known(entries[at], 'candidate');
    if (entry.points !== undefined) return;
    entries[at] = this.look(entry);
    this.weights = { energy: 0, latency: 0 };
  }

  /** The cheapest evaluated point. */
  best(weights: Weights): Choice | undefined {
    let best: Choice | undefined;
    let least = Infinity;
    for (const { candidate, points } of this.known())
      for (const point of points ?? []) {
        const cost = weigh(point, weights);
        if (cost < least) [least, best] = [cost, { candidate, point }];
      }
    return best;
  }

  private weigh(weights: Weights): void {
    this.weights = weights;
    if (this.entries === undefined) {
      this.leastCost = weigh(this.bound, weights);
      this.leastEntry = -1;
      return;
    }
    this.leastCost = Infinity;
    this.leastEntry = -1;
    this.entries.forEach((entry, i) => {
      const cost = leastOf(entry, weights);
      if (cost < this.leastCost) [this.leastCost, this.leastEntry] = [cost, i];
    });
  }
}

export const leastOf = ({ bound, points }: Known, weights: Weights): number =>
  points === undefined
    ? weigh(bound, weights)
    : points.reduce((least, point) => Math.min(least, weigh(point, weights)), Infinity);
