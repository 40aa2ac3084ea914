// The tree of bench/tree.ts made of the kernel's own bridges: a veth pair for each link, in a network namespace that ends
// with the process. Frames enter by AF_PACKET and end at the hosts' interfaces, where nothing takes them. Needs root and
// iproute2.
//
//   g++ -O3 -o linux-bridges linux-bridges.cc
//   ./linux-bridges walk LEAVES HOSTS_PER_LEAF CHAINS WARM_STEPS STEPS
//   ./linux-bridges flood LEAVES HOSTS_PER_LEAF WARM_BROADCASTS BROADCASTS
//
// prints one JSON object. `cpu` is CPU nanoseconds per frame that crossed a veth pair: of this process, in whose system
// calls the kernel forwards, and of its processor's ksoftirqd. Counts are those of the interfaces. A kernel that accounts
// for interrupts apart (CONFIG_IRQ_TIME_ACCOUNTING) would show too little, so `wall` says what the clock says.
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr int BATCH = 64, FRAME_BYTES_MAX = 1460;
// IEEE Std 802: an EtherType for local experiments
constexpr unsigned char ETHER_TYPE[] = {0x88, 0xb5};
constexpr uint32_t BROADCAST = 0xffffffff;

[[noreturn]] void fail(const char* what) {
  perror(what);
  exit(1);
}

struct Counts {
  uint64_t hops = 0, deliveries = 0, deliveredBytes = 0;
};

class Tree {
 public:
  const uint32_t leaves, hostsPerLeaf, hosts;

  Tree(uint32_t l, uint32_t h) : leaves(l), hostsPerLeaf(h), hosts(l * h) {
    if (unshare(CLONE_NEWNET) != 0) fail("a network namespace");
    // nothing but the frames of the bench may cross a link
    for (const char* scope : {"all", "default"}) {
      const std::string path = std::string("/proc/sys/net/ipv6/conf/") + scope + "/disable_ipv6";
      if (FILE* file = fopen(path.c_str(), "w")) {
        fputs("1", file);
        fclose(file);
      }
    }
    build();
    socket_ = socket(AF_PACKET, SOCK_RAW, 0);
    if (socket_ < 0) fail("a packet socket");
    for (int i = 0; i < BATCH; i++) {
      parts_[i] = {frames_[i], 0};
      messages_[i].msg_hdr = {&addresses_[i], sizeof(sockaddr_ll), &parts_[i], 1, nullptr, 0, 0};
    }
  }

  void send(uint32_t from, uint32_t to, uint32_t sizeBytes) {
    unsigned char* frame = frames_[waiting_];
    writeAddress(frame, to);
    writeAddress(frame + 6, from);
    memcpy(frame + 12, ETHER_TYPE, 2);
    parts_[waiting_].iov_len = sizeBytes;
    addresses_[waiting_] = {};
    addresses_[waiting_].sll_family = AF_PACKET;
    addresses_[waiting_].sll_ifindex = interfaces_[from];
    addresses_[waiting_].sll_halen = 6;
    if (++waiting_ == BATCH) flush();
  }

  /** Sends what waits. When this returns, the kernel has forwarded all but what it left to ksoftirqd. */
  void flush() {
    for (int sent = 0; sent < waiting_;) {
      const int count = sendmmsg(socket_, messages_ + sent, waiting_ - sent, 0);
      if (count < 0) fail("sendmmsg");
      sent += count;
    }
    waiting_ = 0;
  }

  /** What interfaces have received so far: hosts' ends are h…, bridges' ends p…, u… and d…. */
  Counts counts() const {
    FILE* file = fopen("/proc/thread-self/net/dev", "r");
    if (file == nullptr) fail("/proc/thread-self/net/dev");
    Counts counts;
    char line[512];
    while (fgets(line, sizeof line, file) != nullptr) {
      char name[IFNAMSIZ + 1];
      unsigned long bytes, packets;
      if (sscanf(line, " %16[^:]: %lu %lu", name, &bytes, &packets) != 3 || strchr("hpud", name[0]) == nullptr) continue;
      counts.hops += packets;
      if (name[0] == 'h') counts.deliveries += packets, counts.deliveredBytes += bytes;
    }
    fclose(file);
    return counts;
  }

 private:
  std::vector<int> interfaces_;
  int socket_ = -1, waiting_ = 0;
  unsigned char frames_[BATCH][FRAME_BYTES_MAX] = {};
  iovec parts_[BATCH];
  sockaddr_ll addresses_[BATCH];
  mmsghdr messages_[BATCH] = {};

  static void writeAddress(unsigned char* bytes, uint32_t host) {
    if (host == BROADCAST) {
      memset(bytes, 0xff, 6);
      return;
    }
    bytes[0] = 0x0a;
    bytes[1] = 0;
    for (int i = 0; i < 4; i++) bytes[2 + i] = host >> (24 - 8 * i);
  }

  void build() {
    FILE* ip = popen("ip -batch -", "w");
    if (ip == nullptr) fail("ip");
    const auto link = [&](char kind, uint32_t number, char peerKind, const std::string& bridge) {
      fprintf(ip, "link add %c%u type veth peer name %c%u\n", kind, number, peerKind, number);
      fprintf(ip, "link set %c%u master %s up\n", peerKind, number, bridge.c_str());
    };
    fprintf(ip, "link add root type bridge stp_state 0 mcast_snooping 0\nlink set root up\n");
    for (uint32_t leaf = 0; leaf < leaves; leaf++) {
      const std::string name = "leaf" + std::to_string(leaf);
      fprintf(ip, "link add %s type bridge stp_state 0 mcast_snooping 0\nlink set %s up\n", name.c_str(), name.c_str());
      link('u', leaf, 'd', "root");
      fprintf(ip, "link set u%u master %s up\n", leaf, name.c_str());
      for (uint32_t i = 0; i < hostsPerLeaf; i++) {
        const uint32_t host = leaf * hostsPerLeaf + i;
        link('h', host, 'p', name);
        fprintf(ip, "link set h%u address 0a:00:%02x:%02x:%02x:%02x up\n", host, host >> 24, host >> 16 & 255, host >> 8 & 255,
                host & 255);
      }
    }
    if (pclose(ip) != 0) {
      fprintf(stderr, "linux-bridges: ip could not make the tree\n");
      exit(1);
    }
    for (uint32_t host = 0; host < hosts; host++) interfaces_.push_back(if_nametoindex(("h" + std::to_string(host)).c_str()));
  }
};

/** Frames in the order in which chains take turns: see bench/tree.ts. */
class Walk {
 public:
  Walk(Tree& tree, uint32_t chains) : tree_(tree), states_(chains), at_(chains) {
    for (uint32_t chain = 0; chain < chains; chain++) {
      states_[chain] = (chain + 1) * 0x9e3779b9;
      at_[chain] = chain % tree.hosts;
    }
  }

  void run(uint32_t steps) {
    for (uint32_t step = 0; step < steps; step++) {
      for (uint32_t chain = 0; chain < states_.size(); chain++) {
        uint32_t state = states_[chain];
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        states_[chain] = state;
        const uint32_t from = at_[chain];
        uint32_t to = state % tree_.hosts;
        if (to == from) to = (to + 1) % tree_.hosts;
        tree_.send(from, to, 60 + (state >> 8) % 1400);
        at_[chain] = to;
      }
    }
    tree_.flush();
  }

 private:
  Tree& tree_;
  std::vector<uint32_t> states_, at_;
};

void broadcast(Tree& tree, uint32_t first, uint32_t count) {
  for (uint32_t i = first; i < first + count; i++) {
    tree.send((uint64_t)i * 7919 % tree.hosts, BROADCAST, 60);
    // one at a time: its copies wait in the processor's backlog
    tree.flush();
  }
}

/** Lets everybody be heard by everybody, so that the bridges know them. The kernel takes a moment to see that links are up. */
void prime(Tree& tree) {
  for (int attempt = 0; attempt < 50; attempt++) {
    const uint64_t before = tree.counts().deliveries;
    broadcast(tree, 0, tree.hosts);
    usleep(100'000);
    if (tree.counts().deliveries - before == (uint64_t)tree.hosts * (tree.hosts - 1)) return;
  }
  fprintf(stderr, "linux-bridges: broadcasts do not reach every host\n");
  exit(1);
}

double clockNs(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

/** CPU time of the thread that forwards for a processor when a system call has done so for too long. */
class SoftInterrupts {
 public:
  explicit SoftInterrupts(int cpu) {
    const std::string command = "pgrep -x ksoftirqd/" + std::to_string(cpu);
    FILE* pgrep = popen(command.c_str(), "r");
    int pid = 0;
    if (pgrep == nullptr || fscanf(pgrep, "%d", &pid) != 1) fail("ksoftirqd");
    pclose(pgrep);
    path_ = "/proc/" + std::to_string(pid) + "/schedstat";
  }

  double cpuNs() const {
    FILE* file = fopen(path_.c_str(), "r");
    double ns = 0;
    if (file == nullptr || fscanf(file, "%lf", &ns) != 1) fail(path_.c_str());
    fclose(file);
    return ns;
  }

 private:
  std::string path_;
};

uint32_t number(const char* text) { return (uint32_t)strtoul(text, nullptr, 10); }

} // namespace

int main(int argc, char** argv) {
  const bool isWalk = argc == 7 && strcmp(argv[1], "walk") == 0;
  if (!isWalk && !(argc == 6 && strcmp(argv[1], "flood") == 0)) {
    fprintf(stderr, "linux-bridges: expected walk and five numbers, or flood and four\n");
    return 1;
  }
  const int cpu = sched_getcpu();
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) fail("sched_setaffinity");
  const SoftInterrupts softInterrupts(cpu);
  static Tree tree(number(argv[2]), number(argv[3]));
  prime(tree);
  const Counts primed = tree.counts();
  Walk walk(tree, isWalk ? number(argv[4]) : 0);
  const uint32_t warm = number(argv[isWalk ? 5 : 4]), count = number(argv[isWalk ? 6 : 5]);
  const auto work = [&](uint32_t first, uint32_t amount) { isWalk ? walk.run(amount) : broadcast(tree, first, amount); };
  work(0, warm);
  usleep(100'000);
  const Counts before = tree.counts();
  const double cpuStart = clockNs(CLOCK_PROCESS_CPUTIME_ID) + softInterrupts.cpuNs(), wallStart = clockNs(CLOCK_MONOTONIC);
  work(warm, count);
  const double wallNs = clockNs(CLOCK_MONOTONIC) - wallStart;
  usleep(100'000);
  const double cpuNs = clockNs(CLOCK_PROCESS_CPUTIME_ID) + softInterrupts.cpuNs() - cpuStart;
  const Counts after = tree.counts();
  const double hops = after.hops - before.hops;
  printf("{\"cpu\":%.3f,\"wall\":%.3f,\"hops\":%lu,\"deliveries\":%lu,\"deliveredBytes\":%lu}\n", cpuNs / hops, wallNs / hops,
         after.hops - primed.hops, after.deliveries - primed.deliveries, after.deliveredBytes - primed.deliveredBytes);
}
