/** Which slot each of some addresses has: a hash table with linear probing, in memory that follows their number. */
export class AddressSlots {
  // for each place an address + 1, or 0; and its slot
  #addresses = new Int32Array(32);
  #slots = new Int32Array(32);
  #count = 0;

  /** The slot of an address, or -1. */
  get(address: number): number {
    const place = this.#find(address);
    return this.#addresses[place] === 0 ? -1 : this.#slots[place];
  }

  set(address: number, slot: number): void {
    if (this.#count * 2 >= this.#addresses.length) this.#grow();
    const place = this.#find(address);
    if (this.#addresses[place] === 0) this.#count++;
    this.#addresses[place] = address + 1;
    this.#slots[place] = slot;
  }

  delete(address: number): void {
    let gap = this.#find(address);
    if (this.#addresses[gap] === 0) return;
    this.#count--;
    const mask = this.#addresses.length - 1;
    // what was pushed past the gap by others moves back into it
    for (let place = (gap + 1) & mask; this.#addresses[place] !== 0; place = (place + 1) & mask) {
      const home = this.#homeOf(this.#addresses[place] - 1);
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      this.#addresses[gap] = this.#addresses[place];
      this.#slots[gap] = this.#slots[place];
      gap = place;
    }
    this.#addresses[gap] = 0;
  }

  #homeOf(address: number): number {
    // the golden ratio in 32 bits spreads consecutive ids (Knuth, TAOCP 3, 6.4)
    return (Math.imul(address, 0x9e37_79b1) >>> 8) & (this.#addresses.length - 1);
  }

  /** Where an address is, or where it would go. */
  #find(address: number): number {
    const mask = this.#addresses.length - 1;
    let place = this.#homeOf(address);
    while (this.#addresses[place] !== 0 && this.#addresses[place] !== address + 1) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const [addresses, slots] = [this.#addresses, this.#slots];
    this.#addresses = new Int32Array(addresses.length * 2);
    this.#slots = new Int32Array(addresses.length * 2);
    for (let place = 0; place < addresses.length; place++) {
      if (addresses[place] === 0) continue;
      const to = this.#find(addresses[place] - 1);
      this.#addresses[to] = addresses[place];
      this.#slots[to] = slots[place];
    }
  }
}
