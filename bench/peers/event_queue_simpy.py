#!/usr/bin/python3
"""Pops one event and pushes one in SimPy's list of pending events, as bench/event-queue.ts does.

    apt-get install python3-simpy          (Debian 12: SimPy 2.3.1)
    /usr/bin/python3 event_queue_simpy.py DELAYS_FILE PENDING WARM_OPERATIONS OPERATIONS

An event of SimPy is the resumption of a process: each process waits again and again, for the next of the delays in turn.
Prints one JSON object; `cpu` is CPU nanoseconds to pop one and push one.
"""

import json
import sys
import time

from SimPy.Simulation import Process, Simulation, hold


class Waiting(Process):
    drawn = 0

    def run(self, delays):
        while True:
            index = Waiting.drawn & (len(delays) - 1)
            Waiting.drawn += 1
            yield hold, self, delays[index]


def main():
    with open(sys.argv[1]) as file:
        delays = json.load(file)
    pending, warm, operations = map(int, sys.argv[2:])
    simulation = Simulation()
    for index in range(pending):
        process = Waiting(sim=simulation)
        simulation.activate(process, process.run(delays), at=delays[index & (len(delays) - 1)])
    Waiting.drawn = pending

    def work(count):
        step = simulation.step
        for _ in range(count):
            step()

    work(warm)
    start = time.process_time_ns()
    work(operations)
    cpu = (time.process_time_ns() - start) / operations
    times = [notice[0] for notice in simulation._timestamps]
    print(json.dumps({"cpu": cpu, "lastTimeNs": simulation.now(), "pendingTimesNs": sum(times)}))


main()
