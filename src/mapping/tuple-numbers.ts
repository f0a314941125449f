/**
 * Numbers tuples of whole numbers, all of one width, in the order in which they first come up: a hash table with open
 * addressing over tuples laid one after the other.
 *
 * Hot core: a search looks up each of its partial orders, and text keys cost many times as much.
 */
export class TupleNumbers {
  size = 0;
  /** The tuple to look up: write it here. */
  readonly tuple: Int32Array;
  private tuples: Int32Array;
  /** Number + 1 per slot; 0: free. */
  private numbers = new Int32Array(128);

  constructor(private readonly width: number) {
    this.tuple = new Int32Array(width);
    this.tuples = new Int32Array(64 * width);
  }

  /** The number of the tuple that was written, from 0; a new one gets the next, which is `size` before the call. */
  find(): number {
    const { tuple, numbers } = this;
    const mask = numbers.length - 1;
    let slot = hashAt(tuple, 0, this.width) & mask;
    for (; numbers[slot] !== 0; slot = (slot + 1) & mask) {
      const number = numbers[slot]! - 1;
      if (this.isAt(number)) return number;
    }
    const number = this.size++;
    if ((number + 1) * this.width > this.tuples.length) this.tuples = doubled(this.tuples);
    this.tuples.set(tuple, number * this.width);
    numbers[slot] = this.size;
    if (2 * this.size > mask) this.rehash();
    return number;
  }

  private isAt(number: number): boolean {
    const { tuple, tuples, width } = this;
    const start = number * width;
    for (let i = 0; i < width; i++) if (tuples[start + i] !== tuple[i]) return false;
    return true;
  }

  private rehash(): void {
    const numbers = new Int32Array(4 * this.numbers.length);
    const mask = numbers.length - 1;
    for (let number = 0; number < this.size; number++) {
      let slot = hashAt(this.tuples, number * this.width, this.width) & mask;
      while (numbers[slot] !== 0) slot = (slot + 1) & mask;
      numbers[slot] = number + 1;
    }
    this.numbers = numbers;
  }
}

function hashAt(values: Int32Array, start: number, width: number): number {
  let hash = 0;
  for (let i = start; i < start + width; i++) hash = Math.imul(hash ^ values[i]!, 0x9e3779b1) + (hash >>> 15);
  return hash ^ (hash >>> 16);
}

/** The same numbers, with room for as many more. */
export function doubled(values: Int32Array): Int32Array {
  const larger = new Int32Array(2 * values.length);
  larger.set(values);
  return larger;
}
