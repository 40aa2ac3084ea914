import { EventKind } from '../device/event-kinds.ts';

/** The kinds of event that workloads schedule. */
export const WorkloadEvent = {
  /** The next VM boots. */
  boot: EventKind.firstWorkload,
  /** A flow comes into being. */
  arrival: EventKind.firstWorkload + 1,
  /** A flow sends its next frame or train, tries again, or ends: a = its slot. */
  flow: EventKind.firstWorkload + 2,
  /** A migration takes its next step: a = migration, b = step. */
  migration: EventKind.firstWorkload + 3,
  /** A migrating VM is probed: a = probing, b = 0. */
  probe: EventKind.firstWorkload + 4,
  /** A link or switch fails (b = 0) or comes back (b = 1): a = failure. */
  failure: EventKind.firstWorkload + 5,
  /** A copy of a VM's memory takes its next step: a = copy; or a = -1: copies look for new paths. */
  copy: EventKind.firstWorkload + 10,
  /** It is looked at who still points to where a migrated VM was: a = record. */
  catchingUp: EventKind.firstWorkload + 11,
  /** The VMs of a server that came back boot: a = VM. */
  reboot: EventKind.firstWorkload + 12,
  /** A VM ends: a = VM, b = 1 if that was put off. */
  departure: EventKind.firstWorkload + 6,
  /** An attacker sends its next frame: a = attack, b = how many it has sent. */
  attack: EventKind.firstWorkload + 13,
  /** It is looked at whether tables are right after a failure or a repair: a = how many of these there were. */
  failureWatch: EventKind.firstWorkload + 14,
} as const;
