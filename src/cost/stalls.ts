/**
 * Cycles the array waits for busy ports while it computes (cost-model.md 6.7). A link alone on its port stalls by what
 * it is too slow; links that share a port also wait for one another, unless their windows leave room.
 */
import type { Link, LinkCycles } from './links.js';
import { unionOfWindows } from './window-union.js';

/** Indices of the links that share a physical port, port by port. */
export function linksByPort(links: readonly Link[]): readonly (readonly number[])[] {
  const ports = new Map<string, number[]>();
  links.forEach(({ memory, port }, i) => {
    const key = `${memory}.${port.name}`;
    ports.set(key, [...(ports.get(key) ?? []), i]);
  });
  return [...ports.values()];
}

/**
 * Stall of the slowest port; `uses`: by link, 1 where it counts; absent: all do.
 *
 * Hot core: loops over plain numbers, since searches bound every partial mapping by it.
 */
export function stallCycles(
  ports: readonly (readonly number[])[],
  cycles: LinkCycles,
  uses?: Uint8Array,
): number {
  let stall = 0;
  for (let port = 0; port < ports.length; port++)
    stall = Math.max(stall, portStall(ports[port]!, cycles, uses));
  return stall;
}

function portStall(sharing: readonly number[], cycles: LinkCycles, uses: Uint8Array | undefined): number {
  let links = 0;
  let late = 0;
  let early = 0;
  let windows = 0;
  for (let i = 0; i < sharing.length; i++) {
    const link = sharing[i]!;
    if (!isUsing(link, cycles, uses)) continue;
    links++;
    const own = lateness(cycles, link);
    if (own > 0) late += own;
    else early += own;
    windows += cycles.allowed[link]! * (cycles.count[link]! - 1);
  }
  if (links < 2) return late;
  return late + Math.max(0, early + windows - openCycles(cycles, sharing, uses));
}

const isUsing = (link: number, { count }: LinkCycles, uses: Uint8Array | undefined): boolean =>
  count[link]! > 0 && (uses === undefined || uses[link] === 1);

/** Cycles by which all transfers of a link but the last overrun their windows; negative: that they leave. */
const lateness = ({ real, allowed, count }: LinkCycles, link: number): number =>
  (real[link]! - allowed[link]!) * (count[link]! - 1);

/** Cycles in which at least one link may use the port. */
function openCycles(cycles: LinkCycles, sharing: readonly number[], uses: Uint8Array | undefined): number {
  const { allowed, period, count } = cycles;
  let slowest = -1;
  for (let i = 0; i < sharing.length; i++) {
    const link = sharing[i]!;
    if (!isUsing(link, cycles, uses)) continue;
    if (allowed[link] === period[link]) return period[link]! * count[link]!;
    if (slowest < 0 || period[link]! > period[slowest]!) slowest = link;
  }
  const windows = sharing
    .filter((link) => isUsing(link, cycles, uses))
    .map((link) => ({ period: period[link]!, open: allowed[link]! }));
  return unionOfWindows(windows) * count[slowest]!;
}
