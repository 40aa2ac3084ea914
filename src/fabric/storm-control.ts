import type { Devices } from '../device/devices.ts';
import type { StormAction, StormLevel } from '../protocol/storm-meters.ts';

/** A level of storm control: so many frames a second, or a share of the rate of the port's link. */
export type StormLevelSetting = { readonly framesPerSecond: number } | { readonly shareOfRate: number };

/** How much of floods switches let in by a port each second; null is no limit. */
export interface StormControlSettings {
  readonly broadcast: StormLevelSetting | null;
  readonly multicast: StormLevelSetting | null;
  readonly unknownUnicast: StormLevelSetting | null;
  readonly action: StormAction;
  /** Ports towards servers, or all that bridge. */
  readonly ports: 'servers' | 'all';
}

/** Gives ports of bridges storm control: those towards servers, the first of each cable's, or both ends of links as well. */
export function controlStorms(
  { bridges, network }: Devices,
  stormControl: StormControlSettings | null | undefined,
  serverCables: readonly (readonly [number, number] | null)[],
  links: readonly (readonly [number, number])[] = [],
): void {
  if (stormControl === null || stormControl === undefined) return;
  const { broadcast, multicast, unknownUnicast, action, ports } = stormControl;
  const limit = (port: number) => {
    const level = (given: StormLevelSetting | null): StormLevel | null => {
      if (given === null) return null;
      if ('framesPerSecond' in given) return { unit: 'frames', perInterval: given.framesPerSecond };
      return { unit: 'bytes', perInterval: (given.shareOfRate * network.rateBitsPerSecOf(port)) / 8 };
    };
    bridges.controlStorms(port, {
      broadcast: level(broadcast),
      multicast: level(multicast),
      unknownUnicast: level(unknownUnicast),
      action,
    });
  };
  for (const cable of serverCables) if (cable !== null) limit(cable[0]);
  if (ports === 'all') for (const port of links.flat()) limit(port);
}
