"""Command line, medians and memory, shared by the two benchmarks."""

import argparse
import json
import resource
import statistics
import sys
import time

import torch


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--size", choices=["tiny", "small", "base"], default="small")
    parser.add_argument("--image", type=int, default=224, help="image side in pixels")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5, help="timed steps, the median counts")
    parser.add_argument("--warm-up", type=int, default=1, help="untimed steps before")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    return options


class Stopwatch:
    """Milliseconds by stage of each step."""

    def __init__(self):
        self.steps = []

    def start(self):
        self.steps.append({})
        self.last = time.perf_counter()

    def stage(self, name):
        now = time.perf_counter()
        self.steps[-1][name] = 1000 * (now - self.last)
        self.last = now

    def report(self, options, loss):
        steps = self.steps[options.warm_up :]
        # Linux counts in KiB, macOS in bytes.
        unit = 1 if sys.platform == "darwin" else 1024
        print(
            json.dumps(
                {
                    "torch": torch.__version__,
                    "size": options.size,
                    "image": options.image,
                    "batch": options.batch,
                    "threads": torch.get_num_threads(),
                    "steps": len(steps),
                    "msPerStep": statistics.median(sum(step.values()) for step in steps),
                    "stagesMs": {name: statistics.median(step[name] for step in steps) for name in steps[0]},
                    "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20,
                    "loss": loss,
                }
            )
        )
