"""The shipped model in PyTorch, float32, timed: pytorch.py WEIGHTS WIDTHxHEIGHT THREADS PAIRS. Prints one line of JSON.

Needs torch, numpy and safetensors from PyPI; for benches and comparisons alone.
"""

import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from safetensors import safe_open

SLOPE = 0.1

# Convolutions take two thirds of the time that they take in the default order.
FASTEST = torch.channels_last


def read(path):
    """The facts of a weights file, and its tensors in float32."""
    with safe_open(path, "pt") as file:
        facts = json.loads(file.metadata()["slomo"])
        tensors = {name: file.get_tensor(name).float() for name in file.keys()}
    # Filters are HWIO in the file.
    return facts, {name: x.permute(3, 2, 0, 1).contiguous(memory_format=FASTEST) if x.dim() == 4 else x for name, x in tensors.items()}


def convolve(tensors, name, x, activate=True):
    weight = tensors[f"{name}.weight"]
    y = F.conv2d(x, weight, tensors[f"{name}.bias"], padding=weight.shape[-1] // 2)
    return F.leaky_relu(y, SLOPE, inplace=True) if activate else y


def unet(tensors, prefix, x):
    """The UNet of a prefix; sizes must be multiples of 32."""
    skips = []
    for i in range(6):
        if i > 0:
            x = F.avg_pool2d(x, 2)
        for step in ("conv1", "conv2"):
            x = convolve(tensors, f"{prefix}.encoder.{i}.{step}", x)
        skips.append(x)
    for j in range(5):
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        x = convolve(tensors, f"{prefix}.decoder.{j}.conv1", x)
        x = convolve(tensors, f"{prefix}.decoder.{j}.conv2", torch.cat([x, skips[4 - j]], 1))
    return convolve(tensors, f"{prefix}.output", x, activate=False)


def pad(x, multiple):
    height, width = x.shape[2:]
    return F.pad(x, (0, -width % multiple, 0, -height % multiple), mode="replicate")


def warp(image, flow):
    height, width = image.shape[2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    grid = [(x + flow[:, 0]) * 2 / (width - 1) - 1, (y + flow[:, 1]) * 2 / (height - 1) - 1]
    image = image.expand(flow.shape[0], -1, -1, -1)
    return F.grid_sample(image, torch.stack(grid, -1), padding_mode="border", align_corners=True)


class Model:
    """Both passes; inputs are [1, 3, H, W] in [0, 1]."""

    def __init__(self, path):
        facts, self.tensors = read(path)
        self.scale = facts["flowEstimator"]["options"]["flowScale"]
        self.levels = facts["flowEstimator"]["options"].get("flowLevels", [1])

    def net(self, prefix, x):
        height, width = x.shape[2:]
        return unet(self.tensors, prefix, pad(x, 32).contiguous(memory_format=FASTEST))[:, :, :height, :width]

    def estimate(self, first, second):
        return self.net("flow", torch.cat([first, second], 1)) * self.scale

    def flow(self, first, second):
        """F(0→1) and F(1→0), [1, 4, H, W], from coarse to fine."""
        height, width = first.shape[2:]
        coarsest = round(1 / self.levels[0])
        first, second = pad(first, coarsest), pad(second, coarsest)
        flow, before = None, 1
        for level in [*self.levels, 1]:
            while flow is not None and before < level:
                flow = 2 * F.interpolate(flow, scale_factor=2, mode="bilinear", align_corners=False)
                before *= 2
            if level == 1 and 1 not in self.levels:
                break
            factor = round(1 / level)
            a, b = (F.avg_pool2d(x, factor) if factor > 1 else x for x in (first, second))
            if flow is None:
                flow = self.estimate(a, b)
            else:
                there, back = flow[:, :2], flow[:, 2:]
                found = self.estimate(torch.cat([a, warp(a, back)]), torch.cat([warp(b, there), b]))
                flow = flow + torch.cat([found[:1, :2], found[1:, 2:]], 1)
            before = level
            if level == 1:
                break
        return flow[:, :, :height, :width]

    def frame(self, first, second, flow, t):
        """The frame at t, [1, 3, H, W]."""
        there, back = flow[:, :2], flow[:, 2:]
        to_first = -(1 - t) * t * there + t * t * back
        to_second = (1 - t) ** 2 * there - t * (1 - t) * back
        near = [warp(first, to_first), warp(second, to_second)]
        seen = torch.cat([first, second, *near, to_first / self.scale, to_second / self.scale], 1)
        made = self.net("interpolation", seen)
        to_first = to_first + made[:, :2] * self.scale
        to_second = to_second + made[:, 2:4] * self.scale
        visible = torch.sigmoid(made[:, 4:])
        of_first, of_second = (1 - t) * visible, t * (1 - visible)
        total = of_first * warp(first, to_first) + of_second * warp(second, to_second)
        return total / (of_first + of_second + 1e-6)


def main():
    path, size, threads, pairs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    width, height = map(int, size.split("x"))
    torch.set_num_threads(threads)
    model = Model(path)
    torch.manual_seed(0)
    first, second = torch.rand(1, 3, height, width), torch.rand(1, 3, height, width)
    rows = []
    with torch.inference_mode():
        for _ in range(pairs + 1):
            begun, used = time.perf_counter(), time.process_time()
            flow = model.flow(first, second)
            between = time.perf_counter()
            model.frame(first, second, flow, 0.5)
            ended = time.perf_counter()
            rows.append((between - begun, ended - between, time.process_time() - used))
    flow, frame, cpu = (1000 * statistics.median(column) for column in zip(*rows[1:]))
    print(json.dumps({"flow": flow, "frame": frame, "cpu": cpu}))


if __name__ == "__main__":
    main()
