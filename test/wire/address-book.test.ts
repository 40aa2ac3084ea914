import { describe, expect, it } from 'vitest';
import { AddressBook } from '../../src/wire/address-book.ts';

describe('an address book', () => {
  it('lists the addresses of a segment in the order of their ids', () => {
    const book = new AddressBook();
    const ids: number[][] = [[], [], []];
    // many enough for all of its arrays to grow
    for (let i = 0; i < 3000; i++) ids[(i * i) % 3]!.push(book.idOf(((i * i) % 3) * 700, 0x0200_0000_0000 + i));
    expect([0, 700, 1400].map((segment) => [...book.idsOf(segment)])).toEqual(ids);
    expect([...book.idsOf(1), ...book.idsOf(100_000)]).toEqual([]);
  });
});
