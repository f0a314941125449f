/** A queue that gives back the item of least bound first, of equal bounds the deepest. A binary heap over plain numbers. */
export class BestFirst<Item> {
  private readonly bounds: number[] = [];
  private readonly depths: number[] = [];
  private readonly items: Item[] = [];

  /** Bound of the item that comes next; Infinity: there is none. */
  get leastBound(): number {
    return this.bounds[0] ?? Infinity;
  }

  push(bound: number, depth: number, item: Item): void {
    let at = this.items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(bound, depth, parent)) break;
      this.move(parent, at);
      at = parent;
    }
    this.put(at, bound, depth, item);
  }

  pop(): Item | undefined {
    const first = this.items[0];
    const bound = this.bounds.pop();
    const depth = this.depths.pop();
    const item = this.items.pop();
    if (bound === undefined || depth === undefined || item === undefined || this.items.length === 0)
      return first;
    const { length } = this.items;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < length && this.isBefore(this.bounds[right]!, this.depths[right]!, child)) child = right;
      if (this.isBefore(bound, depth, child)) break;
      this.move(child, at);
      at = child;
    }
    this.put(at, bound, depth, item);
    return first;
  }

  private isBefore(bound: number, depth: number, other: number): boolean {
    const otherBound = this.bounds[other]!;
    return bound < otherBound || (bound === otherBound && depth > this.depths[other]!);
  }

  private move(from: number, to: number): void {
    this.put(to, this.bounds[from]!, this.depths[from]!, this.items[from]!);
  }

  private put(at: number, bound: number, depth: number, item: Item): void {
    this.bounds[at] = bound;
    this.depths[at] = depth;
    this.items[at] = item;
  }
}
