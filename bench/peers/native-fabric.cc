// The floor: what a frame-hop costs when a program does nothing else. A leaf–spine of learning bridges whose tables are
// indexed by station, events in a ring of nanoseconds, each a list in order of scheduling; C++, no allocation, no checks.
//
//   g++ -O3 -march=native -o native-fabric native-fabric.cc
//   ./native-fabric LEAVES SPINES SERVERS_PER_LEAF VMS_PER_SERVER SEGMENTS_PER_POD LEAVES_PER_POD IN_FLIGHT 1 WARM_HOPS HOPS
//   ./native-fabric walk LEAVES SERVERS_PER_LEAF CHAINS WARM_STEPS STEPS
//   ./native-fabric flood LEAVES SERVERS_PER_LEAF WARM_BROADCASTS BROADCASTS
//
// The first does the work of bench/frame-hops.ts: the same frames in the same order at the same times, so that all
// counts are equal. `walk` and `flood` are the work of bench/tree.ts: a tree of one bridge above many, a station in each
// server. Each prints one JSON object: `cpu` is CPU nanoseconds per frame-hop (of a flood: per copy).
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

namespace {

using Rate = double; // nanoseconds per byte
constexpr Rate SERVER_RATE = 8e9 / 25e9, SPINE_RATE = 8e9 / 400e9;
constexpr int64_t DELAY_NS = 500;
// a VLAN tag; then FCS, preamble and gap
constexpr uint32_t TAG_BYTES = 4, WIRE_EXTRA_BYTES = 24;
constexpr uint32_t BROADCAST = 0xffffffff;
constexpr uint32_t SLOTS = 1 << 16, NONE = 0xffffffff;

[[noreturn]] void fail(const char* why) {
  fprintf(stderr, "native-fabric: %s\n", why);
  exit(1);
}

struct Frame {
  uint32_t source, destination, sizeBytes, tag;
};

struct Event {
  uint32_t next, port;
  Frame frame;
};

struct Port {
  int64_t freeNs = 0;
  uint64_t bytes = 0;
  uint32_t peer = 0;
  // of a bridge its number, of a server the complement of its number
  int32_t owner = 0;
  uint32_t frames = 0;
  uint32_t isSpineLink = 0;
};

struct Bridge {
  // the word of station 0, if the table had one; ports are numbered from 1 in entries
  int64_t table;
  uint32_t firstPort, portCount;
};

/** Pending events of the next 65,536 ns: a list for each, and a bitmap of three levels that finds the next. */
class Ring {
 public:
  int64_t nowNs = 0;

  Ring() : head_(SLOTS, NONE), tail_(SLOTS), words_(SLOTS / 64), summary_(SLOTS / 4096) {}

  void push(int64_t timeNs, uint32_t port, const Frame& frame) {
    if (timeNs - nowNs >= SLOTS) fail("an event is further away than the ring is long");
    uint32_t record = free_;
    if (record == NONE) {
      record = (uint32_t)events_.size();
      events_.push_back({});
    } else {
      free_ = events_[record].next;
    }
    events_[record] = {NONE, port, frame};
    const uint32_t slot = timeNs & (SLOTS - 1);
    if (head_[slot] == NONE) {
      head_[slot] = record;
      words_[slot >> 6] |= 1ull << (slot & 63);
      summary_[slot >> 12] |= 1ull << (slot >> 6 & 63);
    } else {
      events_[tail_[slot]].next = record;
    }
    tail_[slot] = record;
  }

  /** Takes the next event at or before a time, or moves the clock there. */
  bool pop(int64_t untilNs, Event& event) {
    const int64_t slotNs = nextNs();
    if (slotNs < 0 || slotNs > untilNs) {
      nowNs = untilNs;
      return false;
    }
    nowNs = slotNs;
    const uint32_t slot = slotNs & (SLOTS - 1), record = head_[slot];
    event = events_[record];
    head_[slot] = event.next;
    if (event.next == NONE && (words_[slot >> 6] &= words_[slot >> 6] - 1) == 0)
      summary_[slot >> 12] &= ~(1ull << (slot >> 6 & 63));
    events_[record].next = free_;
    free_ = record;
    return true;
  }

 private:
  /** When the first event is due; -1 if there is none. The ring ends just before the present. */
  int64_t nextNs() const {
    const uint32_t from = nowNs & (SLOTS - 1);
    const uint64_t here = words_[from >> 6] & (~0ull << (from & 63));
    if (here != 0) return nowNs - from + (from & ~63u) + __builtin_ctzll(here);
    constexpr uint32_t COUNT = SLOTS / 4096;
    const uint32_t block = from >> 12, word = from >> 6 & 63;
    // the words behind this one of its block, the other blocks, and then what is before it
    for (uint32_t i = 0; i <= COUNT; i++) {
      const uint32_t at = (block + i) % COUNT;
      uint64_t mask = ~0ull;
      if (i == 0) mask = word == 63 ? 0 : ~0ull << (word + 1);
      if (i == COUNT) mask = word == 63 ? ~0ull : ~(~0ull << (word + 1));
      const uint64_t found = summary_[at] & mask;
      if (found == 0) continue;
      const uint32_t foundWord = at * 64 + __builtin_ctzll(found);
      const uint64_t bits = i == COUNT && foundWord == from >> 6 ? words_[foundWord] & ~(~0ull << (from & 63))
                                                                : words_[foundWord];
      if (bits == 0) continue;
      const uint32_t slot = foundWord * 64 + __builtin_ctzll(bits);
      return nowNs + ((slot - from) & (SLOTS - 1));
    }
    return -1;
  }

  std::vector<Event> events_;
  uint32_t free_ = NONE;
  std::vector<uint32_t> head_, tail_;
  std::vector<uint64_t> words_, summary_;
};

struct Size {
  uint32_t leaves, spines, serversPerLeaf, vmsPerServer, segmentsPerPod, leavesPerPod;
};

class Fabric {
 public:
  uint64_t hops = 0, events = 0, deliveries = 0, deliveredBytes = 0;
  const Size size;
  const uint32_t stationsPerSegment, stationCount;
  Ring ring;

  explicit Fabric(const Size& s)
      : size(s),
        stationsPerSegment(s.leavesPerPod * s.serversPerLeaf * s.vmsPerServer / s.segmentsPerPod),
        stationCount(s.leaves * s.serversPerLeaf * s.vmsPerServer) {
    build();
    for (uint32_t station = 0; station < stationCount; station++) prime(station);
  }

  /** The server of a station relative to its pod: stations of a segment follow each other and are dealt out to servers. */
  uint32_t serverInPod(uint32_t segmentInPod, uint32_t member) const {
    return (segmentInPod + member * size.segmentsPerPod) / size.vmsPerServer;
  }

  void transmit(uint32_t station, const Frame& frame) { send(nicBase_ + server_[station], frame); }

  /** Lets everything up to a time happen; `receive(station, frame)` gets what reaches the station of its destination. */
  template <class Receive>
  void run(int64_t untilNs, Receive receive) {
    Event event;
    while (ring.pop(untilNs, event)) {
      events++;
      const uint32_t in = event.port;
      const int32_t owner = ports_[in].owner;
      const Frame& frame = event.frame;
      if (owner < 0) {
        deliveries++;
        deliveredBytes += frame.sizeBytes;
        if (frame.destination != BROADCAST) {
          if (server_[frame.destination] != (uint32_t)~owner) fail("a frame came to another server");
          receive(frame.destination, frame);
        }
        continue;
      }
      const Bridge& bridge = bridges_[owner];
      uint32_t* table = tables_.data() + bridge.table;
      table[frame.source] = (in + 1 - bridge.firstPort) << 16 | ((uint32_t)(ring.nowNs >> 28) & 0xffff);
      if (frame.destination == BROADCAST) {
        for (uint32_t out = bridge.firstPort; out < bridge.firstPort + bridge.portCount; out++)
          if (out != in) send(out, frame);
        continue;
      }
      const uint32_t number = table[frame.destination] >> 16;
      if (number == 0) fail("a bridge does not know a destination");
      const uint32_t out = bridge.firstPort + number - 1;
      if (out != in) send(out, frame);
    }
  }

  /** Sum over ports of bytes sent times the port's number plus one, as bench/frame-hops.ts numbers ports. */
  uint64_t linkChecksum() const {
    const uint32_t spineLinks = size.leaves * size.spines;
    uint64_t sum = 0;
    const auto add = [&](uint64_t number, uint32_t port) { sum += (number + 1) * ports_[port].bytes; };
    for (uint32_t link = 0; link < spineLinks; link++) {
      const uint32_t up = leafPort(link / size.spines, size.serversPerLeaf + link % size.spines);
      add(2 * link, up);
      add(2 * link + 1, ports_[up].peer);
    }
    for (uint32_t server = 0; server < size.leaves * size.serversPerLeaf; server++) {
      add(2 * (spineLinks + server), nicBase_ + server);
      add(2 * (spineLinks + server) + 1, ports_[nicBase_ + server].peer);
    }
    return sum;
  }

 private:
  uint32_t nicBase_;
  std::vector<Port> ports_;
  std::vector<Bridge> bridges_;
  std::vector<uint32_t> tables_, server_;

  uint32_t leafPort(uint32_t leaf, uint32_t port) const { return leaf * (size.serversPerLeaf + size.spines) + port; }
  uint32_t spinePort(uint32_t spine, uint32_t leaf) const { return leafPort(size.leaves, 0) + spine * size.leaves + leaf; }

  void send(uint32_t number, const Frame& frame) {
    Port& port = ports_[number];
    const uint32_t sizeBytes = frame.sizeBytes + TAG_BYTES;
    const int64_t startNs = port.freeNs > ring.nowNs ? port.freeNs : ring.nowNs;
    const int64_t doneNs =
        startNs + (int64_t)std::ceil((sizeBytes + WIRE_EXTRA_BYTES) * (port.isSpineLink ? SPINE_RATE : SERVER_RATE));
    port.freeNs = doneNs;
    port.frames++;
    port.bytes += sizeBytes;
    hops++;
    ring.push(doneNs + DELAY_NS, port.peer, frame);
  }

  void build() {
    const auto [leaves, spines, serversPerLeaf, vmsPerServer, segmentsPerPod, leavesPerPod] = size;
    nicBase_ = spinePort(spines, 0);
    ports_.resize(nicBase_ + leaves * serversPerLeaf);
    const auto join = [&](uint32_t a, int32_t ownerOfA, uint32_t b, int32_t ownerOfB, bool isSpineLink) {
      ports_[a].peer = b;
      ports_[b].peer = a;
      ports_[a].owner = ownerOfA;
      ports_[b].owner = ownerOfB;
      ports_[a].isSpineLink = ports_[b].isSpineLink = isSpineLink;
    };
    for (uint32_t leaf = 0; leaf < leaves; leaf++) {
      for (uint32_t spine = 0; spine < spines; spine++)
        join(leafPort(leaf, serversPerLeaf + spine), leaf, spinePort(spine, leaf), leaves + spine, true);
      for (uint32_t i = 0; i < serversPerLeaf; i++) {
        const uint32_t server = leaf * serversPerLeaf + i;
        join(leafPort(leaf, i), leaf, nicBase_ + server, ~(int32_t)server, false);
      }
    }
    const uint32_t stationsPerPod = stationsPerSegment * segmentsPerPod;
    int64_t used = 0;
    for (uint32_t leaf = 0; leaf < leaves; leaf++) {
      // a leaf has the stations of its pod
      bridges_.push_back({used - (int64_t)(leaf / leavesPerPod) * stationsPerPod, leafPort(leaf, 0), serversPerLeaf + spines});
      used += stationsPerPod;
    }
    for (uint32_t spine = 0; spine < spines; spine++, used += stationCount)
      bridges_.push_back({used, spinePort(spine, 0), leaves});
    tables_.resize(used);
    server_.resize(stationCount);
    for (uint32_t station = 0; station < stationCount; station++) {
      const uint32_t segment = station / stationsPerSegment, pod = segment / segmentsPerPod;
      server_[station] = pod * leavesPerPod * serversPerLeaf + serverInPod(segment % segmentsPerPod, station % stationsPerSegment);
    }
  }

  /** Enters a station into the tables of all bridges that its segment reaches. */
  void prime(uint32_t station) {
    const auto [leaves, spines, serversPerLeaf, vmsPerServer, segmentsPerPod, leavesPerPod] = size;
    const uint32_t leaf = server_[station] / serversPerLeaf, segment = station / stationsPerSegment, spine = segment % spines;
    const auto enter = [&](uint32_t bridge, uint32_t port) { tables_[bridges_[bridge].table + station] = (port + 1) << 16; };
    enter(leaves + spine, leaf);
    const uint32_t pod = segment / segmentsPerPod;
    for (uint32_t other = pod * leavesPerPod; other < (pod + 1) * leavesPerPod; other++)
      enter(other, other == leaf ? server_[station] % serversPerLeaf : serversPerLeaf + spine);
  }
};

uint32_t xorshift(uint32_t state) {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^ state << 5;
}

double cpuNs() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

/** Stations that answer, or send to somebody else of their segment. */
class Answering {
 public:
  Answering(const Size& size, uint32_t inFlight) : fabric(size) {
    for (uint32_t i = 0; i < inFlight; i++) {
      const uint32_t station = random() % fabric.stationCount;
      send(station, peerOf(station));
    }
  }

  /** Lets frames hop until so many more have; returns how many did. */
  uint64_t run(uint64_t hops) {
    const uint64_t before = fabric.hops;
    while (fabric.hops - before < hops) {
      fabric.run(fabric.ring.nowNs + 100'000, [this](uint32_t station, const Frame& frame) {
        send(station, (int32_t)random() < 0 ? frame.source : peerOf(station));
      });
    }
    return fabric.hops - before;
  }

  Fabric fabric;

 private:
  uint32_t state_ = 0x9e3779b9;
  uint32_t random() { return state_ = xorshift(state_); }

  uint32_t peerOf(uint32_t station) {
    const uint32_t perSegment = fabric.stationsPerSegment, segment = station / perSegment;
    const uint32_t first = segment * perSegment, inPod = segment % fabric.size.segmentsPerPod;
    const uint32_t server = fabric.serverInPod(inPod, station - first);
    uint32_t member = random() % perSegment;
    while (fabric.serverInPod(inPod, member) == server) member = (member + 1) % perSegment;
    return first + member;
  }

  void send(uint32_t station, uint32_t peer) { fabric.transmit(station, {station, peer, 60 + (random() >> 8) % 1400, 0}); }
};

/** Chains of frames: who gets one sends the next, to whom and how large follows from the chain's own chance. */
class Walk {
 public:
  Walk(const Size& size, uint32_t chains) : fabric(size), states_(chains), left_(chains), at_(chains) {
    for (uint32_t chain = 0; chain < chains; chain++) {
      states_[chain] = (chain + 1) * 0x9e3779b9;
      at_[chain] = chain % fabric.stationCount;
    }
  }

  void run(uint32_t steps) {
    for (uint32_t chain = 0; chain < states_.size(); chain++) {
      left_[chain] = steps;
      step(chain);
    }
    const uint64_t before = fabric.deliveries;
    while (fabric.deliveries - before < (uint64_t)steps * states_.size()) {
      fabric.run(fabric.ring.nowNs + 100'000, [this](uint32_t station, const Frame& frame) {
        at_[frame.tag] = station;
        if (left_[frame.tag] > 0) step(frame.tag);
      });
    }
  }

  Fabric fabric;

 private:
  std::vector<uint32_t> states_, left_, at_;

  void step(uint32_t chain) {
    const uint32_t state = states_[chain] = xorshift(states_[chain]), from = at_[chain];
    uint32_t to = state % fabric.stationCount;
    if (to == from) to = (to + 1) % fabric.stationCount;
    left_[chain]--;
    fabric.transmit(from, {from, to, 60 + (state >> 8) % 1400, chain});
  }
};

void printCounts(double cpuNs, uint64_t hops, const Fabric& fabric) {
  printf("{\"cpu\":%.3f,\"hops\":%lu,\"events\":%lu,\"deliveries\":%lu,\"deliveredBytes\":%lu,\"nowNs\":%ld,"
         "\"linkChecksum\":\"%lu\"}\n",
         cpuNs / hops, fabric.hops, fabric.events, fabric.deliveries, fabric.deliveredBytes, fabric.ring.nowNs,
         fabric.linkChecksum());
}

uint32_t number(const char* text) { return (uint32_t)strtoul(text, nullptr, 10); }

Size tree(char** argv) { return {number(argv[2]), 1, number(argv[3]), 1, 1, number(argv[2])}; }

} // namespace

int main(int argc, char** argv) {
  if (argc == 7 && strcmp(argv[1], "walk") == 0) {
    Walk walk(tree(argv), number(argv[4]));
    walk.run(number(argv[5]));
    const uint64_t before = walk.fabric.hops;
    const double start = cpuNs();
    walk.run(number(argv[6]));
    printCounts(cpuNs() - start, walk.fabric.hops - before, walk.fabric);
  } else if (argc == 6 && strcmp(argv[1], "flood") == 0) {
    Fabric fabric(tree(argv));
    const auto broadcast = [&](uint32_t first, uint32_t count) {
      for (uint32_t i = first; i < first + count; i++) {
        const uint32_t station = (uint64_t)i * 7919 % fabric.stationCount;
        fabric.transmit(station, {station, BROADCAST, 60, 0});
        fabric.run(fabric.ring.nowNs + 1'000'000, [](uint32_t, const Frame&) {});
      }
    };
    broadcast(0, number(argv[4]));
    const uint64_t before = fabric.hops;
    const double start = cpuNs();
    broadcast(number(argv[4]), number(argv[5]));
    printCounts(cpuNs() - start, fabric.hops - before, fabric);
  } else if (argc == 11) {
    Answering answering({number(argv[1]), number(argv[2]), number(argv[3]), number(argv[4]), number(argv[5]), number(argv[6])},
                        number(argv[7]));
    answering.run(number(argv[9]));
    const double start = cpuNs();
    const uint64_t hops = answering.run(number(argv[10]));
    printCounts(cpuNs() - start, hops, answering.fabric);
  } else {
    fail("expected ten numbers, or walk and five, or flood and four: see the head of native-fabric.cc");
  }
}
