/** A copy of plain data with one place changed: `edited(ir, 'tiles/stacks/0/grid/x', 7)`. */
type Change = ((old: never) => unknown) | object | string | number | boolean | null;

/** `change`: the new value, or a function of the old one; undefined takes the key, or the list element, away. */
export function edited<T>(value: T, path: string, change: Change | undefined): T {
  const copy = structuredClone(value);
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  let place = copy as Record<string, unknown>;
  for (const step of steps) {
    const next = place[step];
    if (typeof next !== 'object' || next === null) throw new Error(`there is no ${step} of ${path}`);
    place = next as Record<string, unknown>;
  }
  if (!(last in place)) throw new Error(`there is no ${path}`);
  const old = place[last] as never;
  const changed = typeof change === 'function' ? (change as (old: never) => unknown)(old) : change;
  if (changed !== undefined) place[last] = changed;
  else if (Array.isArray(place)) place.splice(Number(last), 1);
  else Reflect.deleteProperty(place, last);
  return copy;
}
