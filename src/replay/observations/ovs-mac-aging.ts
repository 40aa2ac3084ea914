import * as z from 'zod';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { SECOND_NS } from '../test-frame.ts';
import { observationSchema } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';
import { SwitchLab } from './switch-lab.ts';

const schema = observationSchema('ovs_mac_aging', {
  params: { mac_aging_time: z.number().int().min(15).max(3600), probe_interval_s: z.number().min(0.001).max(60) },
  node: {},
  action: {},
});

type AgingObservation = z.infer<typeof schema>;

/** The station that falls silent and later moves, at port p1 and then p3; the one that probes it, at p2. */
const STATION = '02:00:00:0a:0a:01';
const PROBER = '02:00:00:0a:0a:02';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const [FIRST_HOST, PROBING_HOST, THIRD_HOST] = ['oh1', 'oh2', 'oh3'];

/** Probes are closer to each other around the move, and it is watched this long. */
const MOVE_PROBE_INTERVAL_NS = 1e6;
const MOVE_PROBES = 1000;

/** A probe that has not been flooded by then never will. */
const PROBES_MAX = 1_000_000;

/** Ageing of Open vSwitch: when a silent station is forgotten, and how fast a station that moved is followed. */
export const ovsMacAging = { schema, problemsOf, perform };

function problemsOf({ topology }: AgingObservation): string[] {
  const names = new Set(topology.nodes.map(({ name }) => name));
  return [FIRST_HOST, PROBING_HOST, THIRD_HOST]
    .filter((host) => !names.has(host))
    .map((host) => `topology.nodes: there is no host ${host}`);
}

function perform({ params, topology }: AgingObservation): SimulatedFacts {
  const ageingTimeNs = params.mac_aging_time * SECOND_NS;
  const lab = new SwitchLab(topology, { bridge: { ageingTimeNs, implementation: 'ovs-3.1' } });
  const { network } = lab.devices;
  const uplinkOf = (host: string) => lab.hosts.get(host)!.uplink;
  // by number of the probe: the hosts that it reached
  const reached = new Map<number, Set<number>>();
  network.tap = {
    sent: () => {},
    received: (port, frame) => {
      const id = network.frames.words[(frame << FRAME_SHIFT) + Frame.tag];
      if (id > 0) reached.set(id, (reached.get(id) ?? new Set()).add(port));
    },
  };
  lab.start();
  let lastId = 0;
  const probe = (intervalNs: number) => {
    lab.send(PROBING_HOST, { src: PROBER, dst: STATION, id: ++lastId });
    lab.wait(intervalNs);
    return reached.get(lastId) ?? new Set();
  };

  lab.send(FIRST_HOST, { src: STATION, dst: BROADCAST, id: 0 });
  const intervalNs = Math.round(params.probe_interval_s * SECOND_NS);
  let firstFloodedS: number | null = null;
  lab.wait(intervalNs);
  for (let i = 0; i < PROBES_MAX && firstFloodedS === null; i++) {
    const sentS = lab.nowS;
    if (probe(intervalNs).has(uplinkOf(THIRD_HOST))) firstFloodedS = sentS;
  }

  lab.send(FIRST_HOST, { src: STATION, dst: BROADCAST, id: 0 });
  for (let i = 0; i < MOVE_PROBES; i++) probe(MOVE_PROBE_INTERVAL_NS);
  lab.send(THIRD_HOST, { src: STATION, dst: BROADCAST, id: 0 });
  const movedS = lab.nowS;
  let [toOld, lost, lastOldMs] = [0, 0, 0];
  for (let i = 0; i < MOVE_PROBES; i++) {
    const sentS = lab.nowS;
    const ports = probe(MOVE_PROBE_INTERVAL_NS);
    if (ports.has(uplinkOf(FIRST_HOST))) {
      toOld++;
      lastOldMs = (sentS - movedS) * 1000;
    } else if (!ports.has(uplinkOf(THIRD_HOST))) {
      lost++;
    }
  }
  return {
    exact: {},
    ranges: { first_flooded_probe_s: firstFloodedS, move_to_old: toOld, move_lost: lost, last_old_ms: lastOldMs },
  };
}
