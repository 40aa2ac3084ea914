/** What announces a VM at its new place: the hypervisor by RARP, the VM by gratuitous ARP. */
export type AnnouncementKind = 'rarp' | 'garp' | 'both' | 'none';

/** Why a migration was refused. */
export type Refusal = 'no_server' | 'on_the_move' | 'not_running' | 'beyond_reach';

/** What became of a planned migration. Servers are indices; times count from the start of the run. */
export interface MigrationRow {
  vm: number;
  segment: number;
  /** -1 if the VM was at none when it was to start. */
  fromServer: number;
  /** -1 if none was to be had. */
  toServer: number;
  /**
   * `refused`: as `refusal` says. `given_up`: copying did not converge, or stood still; the VM stays where it is. `failed`:
   * one of the two servers did. `readdressed`: it runs where its segment is not, and is lost for those who knew its
   * address. `incomplete`: the run ended before it ran again.
   */
  status: 'done' | 'refused' | 'given_up' | 'failed' | 'readdressed' | 'incomplete';
  refusal: Refusal | null;
  /** Copying begins. */
  startNs: number;
  /** The VM stops for the last round; null if it came not so far. */
  pauseNs: number | null;
  /** It runs at the new place. */
  resumeNs: number | null;
  /** Rounds of copying while the VM ran. */
  rounds: number;
  transferredBytes: number;
  /** From pause to resumption; if that never came, to the end of the pause at the old place, or of the run. */
  downtimeNs: number;
  /** Whether it was paused although more was left than fits in the downtime limit. */
  isForced: boolean;
  /** Links on the copy's way, the servers' included; 0 if copies have a network of their own. */
  pathLinks: number;
  /** The port of the full link that held the copy back for the longest time; -1 if none did. */
  bottleneckPort: number;
  /** How long copying took so far, the pause included; how long a full link held it back; how long there was no path. */
  copyNs: number;
  sharedNs: number;
  stalledNs: number;
  announcement: AnnouncementKind;
  announcedNs: number[];
  /** Times that it was to be announced, but the announcement was lost. */
  lostAnnouncements: number;
  /** First datagram that reached the VM at its new place. */
  firstDeliveryNs: number | null;
  /** Tables of learned addresses that pointed elsewhere than to the new place when it resumed; null if it didn't. */
  wrongTables: number | null;
  /** From resumption until half of these, and all of them, pointed there or nowhere; null if it didn't come to that. */
  halfRightNs: number | null;
  allRightNs: number | null;
  /** Of the wrong tables, those that still are. */
  stillWrongTables: number;
  /** Copies that switches made of unicast frames for it because they didn't know where it is, until all tables were right. */
  floodedCopies: number;
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
  /** Of these, known unicast that was sent to the old place after the VM had left; copies of floods don't count. */
  misdeliveredFrames: number;
  /** Of these, those that a switch on the way took no further. */
  blackholedFrames: number;
}
