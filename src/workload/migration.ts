import type { Devices } from '../device/devices.ts';
import { bothObservers, TrafficClass } from '../device/observer.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { Destinations, PlannedMigration } from './migration-plan.ts';
import type { PreCopy } from './pre-copy.ts';
import { PROBE_BEFORE_NS, type ProbeRecord, type Probes } from './probes.ts';
import type { VmDatagrams } from './vm-datagrams.ts';
import type { VmPauses } from './vm-pauses.ts';

const NS_PER_MS = 1e6;

/**
 * When a VM is announced, counted from its start at the new place: five times, after 0, 50, 200, 450 and 800 ms.
 * QEMU, net/announce.c (qemu_announce_timer_step) with its defaults: 5 rounds, initial 50, step 100, max 550 ms.
 */
export const ANNOUNCEMENT_OFFSETS_NS: readonly number[] = [0, 50, 200, 450, 800].map((ms) => ms * NS_PER_MS);

/** What announces a VM at its new place: the hypervisor by RARP, the VM by gratuitous ARP. */
export type AnnouncementKind = 'rarp' | 'garp' | 'both' | 'none';

/** What became of a planned migration. Servers are indices; times count from the start of the run. */
export interface MigrationRow {
  vm: number;
  segment: number;
  fromServer: number;
  /** -1 if none was to be had. */
  toServer: number;
  /** `refused`: no server took the VM, or it was on the move already. `incomplete`: the run ended before it ran again. */
  status: 'done' | 'refused' | 'incomplete';
  /** Copying begins. */
  startNs: number;
  /** The VM stops for the last round; null if it came not so far. */
  pauseNs: number | null;
  /** It runs at the new place. */
  resumeNs: number | null;
  /** Rounds of copying while the VM ran. */
  rounds: number;
  transferredBytes: number;
  /** From pause to resumption. */
  downtimeNs: number;
  announcement: AnnouncementKind;
  announcedNs: number[];
  /** First datagram that reached the VM at its new place. */
  firstDeliveryNs: number | null;
  /** The VM that probed it; null if none could, or probes are off. */
  proberVm: number | null;
  sentProbes: number;
  /** Those that never arrived; at the end of the run also those under way. */
  lostProbes: number;
  /**
   * From the last probe that arrived before the pause, or if none did the first that was sent, to the first that arrived
   * after it; null if nobody probed, or the VM was not resumed.
   */
  outageNs: number | null;
  /** False if no probe has arrived at the new place: then the outage is at least `outageNs`. */
  isOutageOver: boolean;
  /** Unicast frames for the VM that reached a place where it didn't run: while paused, or misdelivered. With probes. */
  lostFrames: number;
  /** Of these, known unicast that reached the old place after the VM had left; copies of floods don't count. */
  misdeliveredFrames: number;
}

/** What migrations depend on. */
export interface MigrationsParameters {
  devices: Devices;
  datagrams: VmDatagrams;
  pauses: VmPauses;
  destinations: Destinations;
  /** By start. */
  plan: readonly PlannedMigration[];
  /** How copying goes, the same for each VM. */
  copy: PreCopy;
  announcement: AnnouncementKind;
  /** null: outages are not measured. */
  probes: Probes | null;
  vmSegments: Int32Array;
  /** The network's node of each server. */
  serverNodes: readonly number[];
  /** Lets a VM's frames enter and leave at another server. */
  moveVm(vm: number, server: number): void;
}

const Step = { probe: 0, pause: 1, resume: 2, start: 3, announce: 8 } as const;
const NO_RUN = -1;

/** A migration under way: its row, and what else is remembered of it. */
interface Run {
  readonly row: MigrationRow;
  probe: ProbeRecord | null;
  isUnderWay: boolean;
}

/**
 * Live migrations: memory is copied while the VM runs, the VM is paused, moved and resumed, and it is announced.
 *
 * A paused VM receives nothing: frames for it are lost. Where its frames go is changed at the moment it is resumed.
 * Copying takes its time but no link carries the copy: migration traffic is taken to have a network of its own.
 */
export class Migrations {
  readonly #parameters: MigrationsParameters;
  readonly #runs: Run[] = [];
  // indexed by VM: its migration that was last to pause it, or NO_RUN
  readonly #runOfVm: Int32Array;
  readonly #movingVms = new Set<number>();
  readonly #serverNodes: ReadonlySet<number>;

  constructor(parameters: MigrationsParameters) {
    const { devices, datagrams, plan, vmSegments, serverNodes } = parameters;
    const { network } = devices;
    this.#parameters = parameters;
    this.#serverNodes = new Set(serverNodes);
    this.#runOfVm = new Int32Array(vmSegments.length).fill(NO_RUN);
    network.simulation.on(WorkloadEvent.migration, { handle: (_kind, index, step) => this.#takeStep(index, step) });
    if (plan.length === 0) return;
    network.observer = bothObservers(network.observer, {
      misdelivered: (vm, frame, node) => this.#countLoss(vm, frame, node),
    });
    datagrams.onWatched = (vm) => {
      const run = this.#runs[this.#runOfVm[vm]];
      run.row.firstDeliveryNs ??= network.simulation.nowNs;
    };
    this.#scheduleNextStart();
  }

  /** One row for each planned migration, by start: what is known of it by now. */
  rows(): MigrationRow[] {
    const { plan } = this.#parameters;
    return plan.map((planned, index) => {
      if (index >= this.#runs.length) return this.#newRow(planned, planned.toServer ?? -1);
      const { row, probe } = this.#runs[index];
      return { ...row, announcedNs: [...row.announcedNs], ...this.#probeFigures(probe) };
    });
  }

  #takeStep(index: number, step: number): void {
    if (step === Step.start) this.#start();
    else if (step === Step.probe) this.#beginProbing(index);
    else if (step === Step.pause) this.#pause(index);
    else if (step === Step.resume) this.#resume(index);
    else this.#announce(index, step - Step.announce);
  }

  #scheduleNextStart(): void {
    const { devices, plan } = this.#parameters;
    const index = this.#runs.length;
    if (index < plan.length) {
      devices.network.simulation.schedule(plan[index].startNs, WorkloadEvent.migration, index, Step.start);
    }
  }

  #start(): void {
    const { devices, pauses, destinations, plan, copy } = this.#parameters;
    const { simulation } = devices.network;
    const planned = plan[this.#runs.length];
    const { vm } = planned;
    const toServer = planned.toServer ?? destinations.choose(vm);
    const row = this.#newRow(planned, toServer);
    const index = this.#runs.push({ row, probe: null, isUnderWay: false }) - 1;
    this.#scheduleNextStart();
    const isPossible = toServer >= 0 && destinations.accepts(vm, toServer);
    if (!isPossible || pauses.isPaused(vm) || this.#movingVms.has(vm)) {
      row.status = 'refused';
      return;
    }
    this.#movingVms.add(vm);
    destinations.reserve(toServer);
    const pauseNs = simulation.nowNs + copy.copyNs;
    // copying that would outlast any run
    if (pauseNs + copy.downtimeNs > Number.MAX_SAFE_INTEGER) return;
    const probeNs = Math.max(simulation.nowNs, pauseNs - PROBE_BEFORE_NS);
    simulation.schedule(probeNs, WorkloadEvent.migration, index, Step.probe);
    simulation.schedule(pauseNs, WorkloadEvent.migration, index, Step.pause);
  }

  #beginProbing(index: number): void {
    const { probes, serverNodes } = this.#parameters;
    const { row } = this.#runs[index];
    if (probes === null) return;
    const before = this.#runs[this.#runOfVm[row.vm]]?.probe;
    if (before) probes.end(before);
    this.#runs[index].probe = probes.begin(row.vm, [serverNodes[row.fromServer], serverNodes[row.toServer]]);
  }

  #pause(index: number): void {
    const { devices, pauses, copy } = this.#parameters;
    const { simulation } = devices.network;
    const run = this.#runs[index];
    const { row } = run;
    row.pauseNs = simulation.nowNs;
    row.rounds = copy.rounds;
    row.transferredBytes = copy.transferredBytes;
    row.downtimeNs = copy.downtimeNs;
    run.isUnderWay = true;
    this.#runOfVm[row.vm] = index;
    const resumeNs = simulation.nowNs + copy.downtimeNs;
    pauses.pause(row.vm, resumeNs);
    simulation.schedule(resumeNs, WorkloadEvent.migration, index, Step.resume);
  }

  #resume(index: number): void {
    const { devices, datagrams, pauses, destinations, announcement, probes, moveVm } = this.#parameters;
    const run = this.#runs[index];
    const { row } = run;
    row.resumeNs = devices.network.simulation.nowNs;
    row.status = 'done';
    run.isUnderWay = false;
    destinations.arrive(row.vm, row.toServer);
    moveVm(row.vm, row.toServer);
    pauses.resume(row.vm);
    this.#movingVms.delete(row.vm);
    datagrams.watch(row.vm);
    if (run.probe !== null) probes?.resumed(run.probe);
    if (announcement !== 'none') this.#announce(index, 0);
  }

  #announce(index: number, round: number): void {
    const { devices, pauses, announcement } = this.#parameters;
    const { simulation } = devices.network;
    const { row } = this.#runs[index];
    // on the move again
    if (this.#runOfVm[row.vm] !== index || pauses.isPaused(row.vm)) return;
    row.announcedNs.push(simulation.nowNs);
    if (announcement !== 'garp') devices.servers.announceByRarp(row.vm);
    if (announcement !== 'rarp') devices.stacks.announce(row.vm);
    const next = round + 1;
    if (next === ANNOUNCEMENT_OFFSETS_NS.length) return;
    const delayNs = ANNOUNCEMENT_OFFSETS_NS[next] - ANNOUNCEMENT_OFFSETS_NS[round];
    simulation.scheduleAfter(delayNs, WorkloadEvent.migration, index, Step.announce + next);
  }

  /** A frame for a VM that is not where the frame arrived, or is paused there; or that no switch takes any further. */
  #countLoss(vm: number, frame: number, node: number): void {
    // a station beyond the VMs, or a VM that never migrated
    if ((this.#runOfVm[vm] ?? NO_RUN) === NO_RUN) return;
    const { devices, serverNodes } = this.#parameters;
    const { row, isUnderWay } = this.#runs[this.#runOfVm[vm]];
    const isAtServer = this.#serverNodes.has(node);
    if (isAtServer && node !== serverNodes[row.fromServer]) return;
    const { words } = devices.network.frames;
    const f = frame << FRAME_SHIFT;
    const isBroadcast = words[f + Frame.dst] < 0;
    if (isBroadcast) return;
    // what was flooded reaches the VM too, unless it is paused where the copy arrived
    const isFlooded = words[f + Frame.trafficClass] !== TrafficClass.knownUnicast;
    if (isFlooded && !(isUnderWay && isAtServer)) return;
    const count = words[f + Frame.count];
    row.lostFrames += count;
    if (!isUnderWay) row.misdeliveredFrames += count;
  }

  #newRow({ vm, startNs }: PlannedMigration, toServer: number): MigrationRow {
    const { announcement, destinations, vmSegments } = this.#parameters;
    return {
      vm,
      segment: vmSegments[vm],
      fromServer: destinations.serverOf(vm),
      toServer,
      status: 'incomplete',
      startNs,
      pauseNs: null,
      resumeNs: null,
      rounds: 0,
      transferredBytes: 0,
      downtimeNs: 0,
      announcement,
      announcedNs: [],
      firstDeliveryNs: null,
      ...this.#probeFigures(null),
      lostFrames: 0,
      misdeliveredFrames: 0,
    };
  }

  #probeFigures(
    probe: ProbeRecord | null,
  ): Pick<MigrationRow, 'proberVm' | 'sentProbes' | 'lostProbes' | 'outageNs' | 'isOutageOver'> {
    if (probe === null) return { proberVm: null, sentProbes: 0, lostProbes: 0, outageNs: null, isOutageOver: false };
    const {
      proberVm,
      sentProbes,
      deliveredProbes,
      firstSentNs,
      lastBeforePauseNs,
      resumeNs,
      firstAfterResumeNs,
      endNs,
    } = probe;
    // a VM that was out of reach before it was paused was so at least since it was probed
    const sinceNs = lastBeforePauseNs ?? firstSentNs;
    const untilNs = firstAfterResumeNs ?? endNs ?? this.#parameters.devices.network.simulation.nowNs;
    return {
      proberVm,
      sentProbes,
      lostProbes: sentProbes - deliveredProbes,
      outageNs: sinceNs === null || resumeNs === null ? null : untilNs - sinceNs,
      isOutageOver: firstAfterResumeNs !== null,
    };
  }
}
