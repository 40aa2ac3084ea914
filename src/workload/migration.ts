import type { Devices } from '../device/devices.ts';
import { bothObservers, Carried } from '../device/observer.ts';
import type { RandomStream } from '../engine/random.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { CatchUp } from './catching-up.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { CopyListener, MemoryCopies } from './memory-copies.ts';
import type { Destinations, PlannedMigration } from './migration-plan.ts';
import type { AnnouncementKind, MigrationRow, Refusal } from './migration-row.ts';
import { PROBE_BEFORE_NS, type ProbeRecord, type Probes } from './probes.ts';
import type { VmDatagrams } from './vm-datagrams.ts';
import { NEVER_NS, type VmPauses } from './vm-pauses.ts';

const NS_PER_MS = 1e6;

/**
 * When a VM is announced, counted from its start at the new place: five times, after 0, 50, 200, 450 and 800 ms.
 * QEMU, net/announce.c (qemu_announce_timer_step) with its defaults: 5 rounds, initial 50, step 100, max 550 ms.
 */
export const ANNOUNCEMENT_OFFSETS_NS: readonly number[] = [0, 50, 200, 450, 800].map((ms) => ms * NS_PER_MS);

/** What migrations depend on. */
export interface MigrationsParameters {
  devices: Devices;
  datagrams: VmDatagrams;
  pauses: VmPauses;
  destinations: Destinations;
  /** By start. */
  plan: readonly PlannedMigration[];
  copies: MemoryCopies;
  announcement: AnnouncementKind;
  /** 0…1: how likely each announcement is to be lost before any switch hears it. */
  announcementLossRatio: number;
  /** Drawn from once for each round of announcements of each planned migration, whatever becomes of it. */
  announcementStream: RandomStream;
  /** null: outages are not measured. */
  probes: Probes | null;
  /** Watches the tables catch up. */
  catchingUp: { begin(vm: number, server: number): CatchUp; countFlood(address: number, copies: number): void };
  vmSegments: Int32Array;
  /** The network's node of each server. */
  serverNodes: readonly number[];
  /** Whether a VM's segment reaches a server. */
  canHost(vm: number, server: number): boolean;
  /** What becomes of a migration to where the VM's segment does not reach. */
  beyondReach: 'refuse' | 'readdress';
  /** Lets a VM's frames enter and leave at another server. */
  moveVm(vm: number, server: number): void;
  /** Hears of what can be followed; null: nobody follows. */
  follower?: MigrationFollower | null;
}

/** Hears of migrations, by their number in the plan, as they become visible to the network. */
export interface MigrationFollower {
  /** The VM runs at its new place from now on; the tables are about to be looked at. */
  resumed(migration: number, vm: number): void;
  /** It is about to be announced, for the first time or again. */
  announcing(migration: number, vm: number, round: number): void;
  announced(): void;
}

const Step = { probe: 0, start: 3, announce: 8 } as const;
const NO_RUN = -1;

/** A migration under way: its row, and what else is remembered of it. */
interface Run {
  readonly row: MigrationRow;
  readonly probePhaseNs: number;
  /** A bit for each round of announcements: those that are lost. */
  readonly lostRounds: number;
  readonly isBeyondReach: boolean;
  probe: ProbeRecord | null;
  /** Its pending event, or 0; and whether probing has begun. */
  probeEvent: number;
  hasProbed: boolean;
  catchUp: CatchUp | null;
  /** Whether the VM is paused for it. */
  isUnderWay: boolean;
}

/**
 * Live migrations: memory is copied while the VM runs, the VM is paused, moved and resumed, and it is announced.
 *
 * A paused VM receives nothing: frames for it are lost. Where its frames go is changed at the moment it is resumed.
 */
export class Migrations implements CopyListener {
  readonly #parameters: MigrationsParameters;
  readonly #runs: Run[] = [];
  // by VM: its migration that was last to pause it
  readonly #runOfVm = new Map<number, number>();
  // by VM on the move: its migration
  readonly #moving = new Map<number, number>();
  readonly #serverNodes: ReadonlySet<number>;

  constructor(parameters: MigrationsParameters) {
    const { devices, datagrams, plan, serverNodes, copies, catchingUp } = parameters;
    const { network } = devices;
    this.#parameters = parameters;
    this.#serverNodes = new Set(serverNodes);
    network.simulation.on(WorkloadEvent.migration, { handle: (_kind, index, step) => this.#takeStep(index, step) });
    if (plan.length === 0) return;
    copies.listener = this;
    network.observer = bothObservers(network.observer, {
      misdelivered: (vm, frame, node) => this.#countLoss(vm, frame, node),
      floodedUnicast: (address, copyCount) => catchingUp.countFlood(address, copyCount),
    });
    datagrams.onWatched = (vm) => {
      const run = this.#runs[this.#runOfVm.get(vm)!];
      run.row.firstDeliveryNs ??= network.simulation.nowNs;
    };
    this.#scheduleNextStart();
  }

  isMoving(vm: number): boolean {
    return this.#moving.has(vm);
  }

  /** One row for each planned migration, by start: what is known of it by now. */
  rows(): MigrationRow[] {
    const { plan, copies, devices } = this.#parameters;
    return plan.map((planned, index) => {
      if (index >= this.#runs.length) return this.#newRow(planned, planned.toServer ?? -1);
      const { row, probe, catchUp, isUnderWay } = this.#runs[index];
      return {
        ...row,
        ...copies.figuresOf(index),
        downtimeNs: isUnderWay ? devices.network.simulation.nowNs - row.pauseNs! : row.downtimeNs,
        announcedNs: [...row.announcedNs],
        ...catchUpFigures(catchUp),
        ...this.#probeFigures(probe),
      };
    });
  }

  /** A server went down, and with it the VMs that were being copied from there or to there. */
  serverFailed(server: number): void {
    for (const [vm, index] of this.#moving) {
      const { row } = this.#runs[index];
      if (row.fromServer !== server && row.toServer !== server) continue;
      this.#parameters.copies.cancel(index);
      this.#stay(index, 'failed');
      this.#moving.delete(vm);
    }
  }

  pauseExpected(index: number, timeNs: number): void {
    const { probes, devices } = this.#parameters;
    const { simulation } = devices.network;
    const run = this.#runs[index];
    if (probes === null || run.hasProbed) return;
    simulation.cancel(run.probeEvent);
    run.probeEvent = 0;
    const probeNs = Math.max(simulation.nowNs, timeNs - PROBE_BEFORE_NS);
    if (probeNs > Number.MAX_SAFE_INTEGER) return;
    run.probeEvent = simulation.schedule(probeNs, WorkloadEvent.migration, index, Step.probe);
  }

  resumptionExpected(index: number, timeNs: number): void {
    this.#parameters.pauses.pause(this.#runs[index].row.vm, Math.min(timeNs, NEVER_NS));
  }

  paused(index: number): void {
    const { devices, pauses } = this.#parameters;
    const { simulation } = devices.network;
    const run = this.#runs[index];
    const { row } = run;
    if (!run.hasProbed) {
      simulation.cancel(run.probeEvent);
      this.#beginProbing(index, { isPaused: true });
    }
    row.pauseNs = simulation.nowNs;
    run.isUnderWay = true;
    this.#runOfVm.set(row.vm, index);
    pauses.pause(row.vm, simulation.nowNs);
  }

  copied(index: number): void {
    const { devices, datagrams, pauses, destinations, announcement, probes, catchingUp, moveVm } = this.#parameters;
    const run = this.#runs[index];
    const { row } = run;
    const { nowNs } = devices.network.simulation;
    this.#moving.delete(row.vm);
    row.resumeNs = nowNs;
    row.downtimeNs = nowNs - row.pauseNs!;
    destinations.arrive(row.vm, row.toServer);
    if (run.probe !== null) probes?.resumed(run.probe);
    if (run.isBeyondReach) {
      // nobody knows its new address, and who has it is not simulated: the VM of the old address is gone
      row.status = 'readdressed';
      pauses.pause(row.vm, NEVER_NS);
      return;
    }
    row.status = 'done';
    run.isUnderWay = false;
    moveVm(row.vm, row.toServer);
    this.#parameters.follower?.resumed(index, row.vm);
    run.catchUp = catchingUp.begin(row.vm, row.toServer);
    pauses.resume(row.vm);
    datagrams.watch(row.vm);
    if (announcement !== 'none') this.#announce(index, 0);
  }

  givenUp(index: number): void {
    this.#stay(index, 'given_up');
    this.#moving.delete(this.#runs[index].row.vm);
  }

  #takeStep(index: number, step: number): void {
    if (step === Step.start) this.#start();
    else if (step === Step.probe) this.#beginProbing(index);
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
    const { destinations, plan, copies, probes, canHost } = this.#parameters;
    const planned = plan[this.#runs.length];
    const { vm } = planned;
    const toServer = planned.toServer ?? destinations.choose(vm);
    const row = this.#newRow(planned, toServer);
    const run: Run = {
      row,
      probePhaseNs: probes === null ? 0 : probes.drawPhaseNs(),
      lostRounds: this.#drawLostRounds(),
      isBeyondReach: toServer >= 0 && !canHost(vm, toServer),
      probe: null,
      probeEvent: 0,
      hasProbed: false,
      catchUp: null,
      isUnderWay: false,
    };
    const index = this.#runs.push(run) - 1;
    this.#scheduleNextStart();
    row.refusal = this.#refusalOf(run);
    if (toServer >= 0) destinations.plan(vm, toServer);
    if (row.refusal !== null) {
      row.status = 'refused';
      return;
    }
    this.#moving.set(vm, index);
    destinations.reserve(toServer);
    copies.begin(index, row.fromServer, toServer);
  }

  #refusalOf({ row: { vm, toServer }, isBeyondReach }: Run): Refusal | null {
    const { destinations, pauses, beyondReach } = this.#parameters;
    if (this.#moving.has(vm)) return 'on_the_move';
    if (pauses.isPaused(vm)) return 'not_running';
    if (toServer < 0 || !destinations.accepts(vm, toServer)) return 'no_server';
    return isBeyondReach && beyondReach === 'refuse' ? 'beyond_reach' : null;
  }

  #drawLostRounds(): number {
    const { announcementStream, announcementLossRatio } = this.#parameters;
    let lost = 0;
    for (let round = 0; round < ANNOUNCEMENT_OFFSETS_NS.length; round++) {
      if (announcementStream.chance(announcementLossRatio)) lost |= 1 << round;
    }
    return lost;
  }

  #beginProbing(index: number, { isPaused = false } = {}): void {
    const { probes, serverNodes } = this.#parameters;
    const run = this.#runs[index];
    const { row } = run;
    run.hasProbed = true;
    if (probes === null) return;
    const before = this.#runs[this.#runOfVm.get(row.vm) ?? NO_RUN]?.probe;
    if (before) probes.end(before);
    const nodes = [serverNodes[row.fromServer], serverNodes[row.toServer]];
    run.probe = probes.begin(row.vm, nodes, run.probePhaseNs, { isPaused });
  }

  /** Nothing came of a migration: the VM runs where it was, unless its server is down. */
  #stay(index: number, status: 'given_up' | 'failed'): void {
    const { devices, pauses, destinations, probes } = this.#parameters;
    const { simulation } = devices.network;
    const run = this.#runs[index];
    const { row, probe } = run;
    row.status = status;
    destinations.release(row.toServer);
    simulation.cancel(run.probeEvent);
    run.hasProbed = true;
    if (!run.isUnderWay) {
      if (probe !== null) probes?.end(probe);
      return;
    }
    run.isUnderWay = false;
    row.downtimeNs = simulation.nowNs - row.pauseNs!;
    pauses.resume(row.vm);
    if (probe !== null) probes?.resumed(probe);
  }

  #announce(index: number, round: number): void {
    const { devices, pauses, announcement } = this.#parameters;
    const { simulation } = devices.network;
    const { row, lostRounds } = this.#runs[index];
    // on the move again
    if (this.#runOfVm.get(row.vm) !== index || pauses.isPaused(row.vm)) return;
    if ((lostRounds & (1 << round)) !== 0) {
      row.lostAnnouncements++;
    } else {
      row.announcedNs.push(simulation.nowNs);
      this.#parameters.follower?.announcing(index, row.vm, round);
      if (announcement !== 'garp') devices.servers.announceByRarp(row.vm);
      if (announcement !== 'rarp') devices.stacks.announce(row.vm);
      this.#parameters.follower?.announced();
    }
    const next = round + 1;
    if (next === ANNOUNCEMENT_OFFSETS_NS.length) return;
    const delayNs = ANNOUNCEMENT_OFFSETS_NS[next] - ANNOUNCEMENT_OFFSETS_NS[round];
    simulation.scheduleAfter(delayNs, WorkloadEvent.migration, index, Step.announce + next);
  }

  /** A frame for a VM that is not where the frame arrived, or is paused there; or that no switch takes any further. */
  #countLoss(vm: number, frame: number, node: number): void {
    // a station beyond the VMs, or a VM that never migrated
    const index = this.#runOfVm.get(vm);
    if (index === undefined) return;
    const { devices, serverNodes } = this.#parameters;
    const { row, isUnderWay } = this.#runs[index];
    const isAtServer = this.#serverNodes.has(node);
    if (isAtServer && node !== serverNodes[row.fromServer]) return;
    const { words } = devices.network.frames;
    const f = frame << FRAME_SHIFT;
    const isBroadcast = words[f + Frame.dst] < 0;
    if (isBroadcast) return;
    // what was flooded reaches the VM too, unless it is paused where the copy arrived
    const isFlooded = words[f + Frame.carried] !== Carried.knownUnicast;
    if (isFlooded && !(isUnderWay && isAtServer)) return;
    const count = words[f + Frame.count];
    row.lostFrames += count;
    if (isUnderWay) return;
    row.misdeliveredFrames += count;
    if (!isAtServer) row.blackholedFrames += count;
  }

  #newRow({ vm, startNs }: PlannedMigration, toServer: number): MigrationRow {
    const { announcement, destinations, vmSegments, copies } = this.#parameters;
    return {
      vm,
      segment: vmSegments[vm],
      fromServer: destinations.serverOf(vm),
      toServer,
      status: 'incomplete',
      refusal: null,
      startNs,
      pauseNs: null,
      resumeNs: null,
      downtimeNs: 0,
      ...copies.figuresOf(NO_RUN),
      announcement,
      announcedNs: [],
      lostAnnouncements: 0,
      firstDeliveryNs: null,
      ...catchUpFigures(null),
      ...this.#probeFigures(null),
      lostFrames: 0,
      misdeliveredFrames: 0,
      blackholedFrames: 0,
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

function catchUpFigures(
  catchUp: CatchUp | null,
): Pick<MigrationRow, 'wrongTables' | 'halfRightNs' | 'allRightNs' | 'stillWrongTables' | 'floodedCopies'> {
  if (catchUp === null) {
    return { wrongTables: null, halfRightNs: null, allRightNs: null, stillWrongTables: 0, floodedCopies: 0 };
  }
  const { wrongTables, halfRightNs, allRightNs, stillWrongTables, floodedCopies } = catchUp;
  return { wrongTables, halfRightNs, allRightNs, stillWrongTables, floodedCopies };
}
