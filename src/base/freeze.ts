/** Deep freezing: who writes into shared data fails where it does so. */

/** Frozen through and through; that an object is frozen itself says nothing about its parts. */
const done = new WeakSet();

/** Iterative, and goes into nothing twice: facets share parts. Bytes cannot be frozen and stay as they are. */
export function deepFreeze(root: unknown): void {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null || done.has(value) || ArrayBuffer.isView(value)) continue;
    done.add(Object.freeze(value));
    for (const part of Object.values(value)) pending.push(part);
  }
}
