/**
 * Numbers pairs of whole numbers in the order in which they first come up: a hash table with open addressing.
 *
 * Hot core: a search looks up each of its nodes, and a map of boxed keys costs several times as much.
 */
export class PairNumbers {
  size = 0;
  private mask = 2 ** 6 - 1;
  private first = new Float64Array(this.mask + 1);
  private second = new Float64Array(this.mask + 1);
  /** Number + 1 per slot; 0: free. */
  private numbers = new Int32Array(this.mask + 1);

  /** The number of a pair, from 0; a pair that is new gets the next one, which is `size` before the call. */
  of(a: number, b: number): number {
    let slot = hash(a, b) & this.mask;
    for (; this.numbers[slot] !== 0; slot = (slot + 1) & this.mask)
      if (this.first[slot] === a && this.second[slot] === b) return this.numbers[slot]! - 1;
    this.first[slot] = a;
    this.second[slot] = b;
    this.numbers[slot] = ++this.size;
    if (2 * this.size > this.mask) this.grow();
    return this.size - 1;
  }

  private grow(): void {
    const { first, second, numbers } = this;
    this.mask = 4 * this.mask + 3;
    this.first = new Float64Array(this.mask + 1);
    this.second = new Float64Array(this.mask + 1);
    this.numbers = new Int32Array(this.mask + 1);
    for (let slot = 0; slot < numbers.length; slot++) {
      if (numbers[slot] === 0) continue;
      let to = hash(first[slot]!, second[slot]!) & this.mask;
      while (this.numbers[to] !== 0) to = (to + 1) & this.mask;
      this.first[to] = first[slot]!;
      this.second[to] = second[slot]!;
      this.numbers[to] = numbers[slot]!;
    }
  }
}

function hash(a: number, b: number): number {
  const high = Math.imul((b / 2 ** 32) | 0, 0x27d4eb2f);
  const mixed = Math.imul(a | 0, 0x9e3779b1) ^ Math.imul(b | 0, 0x85ebca6b) ^ high;
  return mixed ^ (mixed >>> 15);
}
