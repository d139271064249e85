"""A step of the recipe in PyTorch, float32, timed: pytorch.py WEIGHTS SIZE BATCH THREADS STEPS. Prints one line of JSON.

One flow level; L1, Laplacian pyramid, warping and smoothness; AdamW, norm cut at 1, averaged weights. Needs torch and
safetensors from PyPI; for the bench alone.
"""

import json
import os
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "onnx"))
from pytorch import FASTEST, Model, warp  # noqa: E402

PYRAMID_LEVELS = 4


def difference(a, b):
    return (a - b).abs().mean()


def pyramid(a, b):
    """Difference of Laplacian pyramids; level i has the weight 2^i / 4."""
    total = 0.0
    for i in range(PYRAMID_LEVELS):
        below = [F.avg_pool2d(x, 2) for x in (a, b)]
        up = [F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False) for x in below]
        total = total + difference(a - up[0], b - up[1]) * 2**i / 4
        a, b = below
    return total + difference(a, b) * 2**PYRAMID_LEVELS / 4


def roughness(flow):
    return difference(flow[:, :, 1:], flow[:, :, :-1]) + difference(flow[:, :, :, 1:], flow[:, :, :, :-1])


def loss(model, first, second, target, t):
    flow = model.estimate(first, second)
    there, back = flow[:, :2], flow[:, 2:]
    predicted = model.frame(first, second, flow, t)
    to_first = -(1 - t) * t * there + t * t * back
    to_second = (1 - t) ** 2 * there - t * (1 - t) * back
    warping = (
        difference(warp(second, there), first)
        + difference(warp(first, back), second)
        + difference(warp(first, to_first), target)
        + difference(warp(second, to_second), target)
    )
    return difference(predicted, target) + 0.5 * pyramid(predicted, target) + 0.25 * warping + 0.002 * roughness(flow)


def main():
    path, size, batch, threads, steps = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = Model(path)
    parameters = [x.requires_grad_() for x in model.tensors.values()]
    averaged = [x.detach().clone() for x in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.99), weight_decay=1e-4)
    first, second, target = (torch.rand(batch, 3, size, size).contiguous(memory_format=FASTEST) for _ in range(3))
    t = torch.full((batch, 1, 1, 1), 0.5)
    times = []
    for _ in range(steps):
        begun, used = time.perf_counter(), time.process_time()
        optimizer.zero_grad(set_to_none=True)
        loss(model, first, second, target, t).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(averaged, parameters, 0.001)
        times.append((1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - used)))
    wall, cpu = (min(column) for column in zip(*times[1:]))
    print(json.dumps({"wall": wall, "cpu": cpu}))


if __name__ == "__main__":
    main()
