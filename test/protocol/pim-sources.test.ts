import { describe, expect, it } from 'vitest';
import { FirstHop, PimSources } from '../../src/protocol/pim-sources.ts';

const SOURCE = 7;
const GROUP = 3;

describe("PIM-SM's first-hop router", () => {
  it('registers a new source and forwards it to its own receivers, until the rendezvous point has joined', () => {
    const sources = new PimSources('rfc7761');
    const send = (nowMs: number) => sources.packet(SOURCE, GROUP, nowMs, false);
    expect(send(0)).toBe(FirstHop.isNew | FirstHop.registers | FirstHop.locally);
    expect(send(1)).toBe(FirstHop.registers | FirstHop.locally);
    expect(sources.isJoined(SOURCE, GROUP)).toBe(false);
    sources.joinArrived(SOURCE, GROUP);
    expect(sources.isJoined(SOURCE, GROUP)).toBe(true);
    expect(send(2)).toBe(FirstHop.registers | FirstHop.alongTree);
    sources.registerStopArrived(SOURCE, GROUP);
    expect(send(3)).toBe(FirstHop.alongTree);
  });

  it('spends the first packet on the Register as frr-8.4', () => {
    const sources = new PimSources('frr-8.4');
    expect(sources.packet(SOURCE, GROUP, 0, false)).toBe(FirstHop.isNew | FirstHop.registers);
    expect(sources.packet(SOURCE, GROUP, 1, false)).toBe(FirstHop.registers | FirstHop.locally);
    expect(sources.forwardsRegistered).toBe(false);
  });

  it('registers nothing where it is the rendezvous point itself', () => {
    const sources = new PimSources('rfc7761');
    expect(sources.packet(SOURCE, GROUP, 0, true)).toBe(FirstHop.isNew | FirstHop.alongTree);
  });

  it('knows each source in each group', () => {
    const sources = new PimSources('rfc7761');
    for (const [source, group] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ]) {
      expect(sources.packet(source, group, 0, false) & FirstHop.isNew).not.toBe(0);
    }
    expect(sources.count).toBe(3);
  });

  it('forgets a source 210 s after its last packet, and takes it for a new one after that', () => {
    const sources = new PimSources('rfc7761');
    sources.packet(SOURCE, GROUP, 0, true);
    sources.packet(SOURCE, GROUP, 100_000, true);
    expect(sources.expire(SOURCE, GROUP, 210_000)).toBe(310_000);
    expect(sources.expire(SOURCE, GROUP, 309_999)).toBe(310_000);
    expect(sources.expire(SOURCE, GROUP, 310_000)).toBe(-1);
    expect(sources.count).toBe(0);
    expect(sources.packet(SOURCE, GROUP, 310_001, true) & FirstHop.isNew).not.toBe(0);
  });

  it('heeds no answer about a source that it has forgotten', () => {
    const sources = new PimSources('rfc7761');
    sources.joinArrived(SOURCE, GROUP);
    sources.registerStopArrived(SOURCE, GROUP);
    expect(sources.count).toBe(0);
    expect(sources.isJoined(SOURCE, GROUP)).toBe(false);
  });
});
