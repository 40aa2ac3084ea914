import { grownCopy } from '../grown-copy.ts';
import { HashSlots, hashOfTwo } from '../wire/hash-slots.ts';

const NONE = -1;
const PAGE_SHIFT = 6;
const PAGE_ADDRESSES = 1 << PAGE_SHIFT;

/**
 * What VTEPs know of hosts, by IP address: behind which VTEP each is. RFC 9135, 4 and 5.2: the entries are ARP entries and
 * host routes in one, as hardware keeps both in its host table.
 *
 * A table is a VTEP's; a host is the address id of its MAC, which has one IP address; the place is any integer from 0 (a
 * VTEP, the own one for a host at one of its ports). 4 bytes an entry, in pages of 64 hosts.
 */
export class HostRoutes {
  // for each table its pages of places, plus 1; 0 where there is no entry
  readonly #pages: (Uint16Array | undefined)[][] = [];
  readonly #capacities: number[] = [];
  // indexed by address: the IP address that is bound to it, 0 if none is
  #ips = new Int32Array(256);
  readonly #slots = new HashSlots((address) => hashOfTwo(0, this.#ips[address]));

  // counters, one per table
  readonly entryCounts: number[] = [];
  /** Most entries at a time. */
  readonly peakCounts: number[] = [];
  /** Entries that a table had no room for. */
  readonly refusedCounts: number[] = [];

  /** Adds an empty table that holds so many entries, and returns its number. */
  addTable(capacity = Number.POSITIVE_INFINITY): number {
    this.#capacities.push(capacity);
    this.entryCounts.push(0);
    this.peakCounts.push(0);
    this.refusedCounts.push(0);
    return this.#pages.push([]) - 1;
  }

  /** Remembers, for all tables, that a MAC has an IP address. */
  bind(ip: number, address: number): void {
    if (this.addressOf(ip) === address) return;
    if (address >= this.#ips.length) this.#ips = grownCopy(this.#ips, Math.max(address + 1, 2 * this.#ips.length));
    this.#unbind(this.ipOf(address));
    this.#unbind(ip);
    this.#ips[address] = ip;
    this.#slots.add(this.#slotOf(ip), address);
  }

  #unbind(ip: number): void {
    const slot = this.#slotOf(ip);
    const address = this.#slots.at(slot);
    if (address === NONE) return;
    this.#slots.remove(slot);
    this.#ips[address] = 0;
  }

  /** The MAC of an IP address, or -1: an address id. */
  addressOf(ip: number): number {
    return this.#slots.at(this.#slotOf(ip));
  }

  /** The IP address that is bound to a MAC; 0 if none is. */
  ipOf(address: number): number {
    return address < this.#ips.length ? this.#ips[address] >>> 0 : 0;
  }

  /** Where a host is, or -1. */
  placeOf(table: number, address: number): number {
    const page = address < 0 ? undefined : this.#pages[table][address >> PAGE_SHIFT];
    return page === undefined ? NONE : page[address & (PAGE_ADDRESSES - 1)] - 1;
  }

  /** Says where a host is. Returns false, and counts it, if the table has no room for one more. */
  set(table: number, address: number, place: number): boolean {
    if (place >= 0xffff) throw new RangeError(`a host table tells ${0xffff} VTEPs apart, not ${place}`);
    const pages = this.#pages[table];
    const isNew = this.placeOf(table, address) === NONE;
    if (isNew && this.entryCounts[table] >= this.#capacities[table]) {
      this.refusedCounts[table]++;
      return false;
    }
    pages[address >> PAGE_SHIFT] ??= new Uint16Array(PAGE_ADDRESSES);
    pages[address >> PAGE_SHIFT]![address & (PAGE_ADDRESSES - 1)] = place + 1;
    if (isNew && ++this.entryCounts[table] > this.peakCounts[table]) this.peakCounts[table]++;
    return true;
  }

  /** Forgets where a host is. */
  remove(table: number, address: number): void {
    if (this.placeOf(table, address) === NONE) return;
    this.#pages[table][address >> PAGE_SHIFT]![address & (PAGE_ADDRESSES - 1)] = 0;
    this.entryCounts[table]--;
  }

  /** Forgets where every host is. */
  clear(table: number): void {
    this.#pages[table] = [];
    this.entryCounts[table] = 0;
  }

  /** Entries of a table with this place. */
  countAt(table: number, place: number): number {
    let count = 0;
    for (const page of this.#pages[table]) for (const value of page ?? []) if (value === place + 1) count++;
    return count;
  }

  /** Where the MAC of an IP address is, or would be. */
  #slotOf(ip: number): number {
    const slots = this.#slots;
    for (let slot = slots.first(hashOfTwo(0, ip | 0)); ; slot = slots.next(slot)) {
      const address = slots.at(slot);
      if (address === NONE || this.#ips[address] === (ip | 0)) return slot;
    }
  }
}
