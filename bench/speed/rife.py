"""RIFE 4.25 in PyTorch, float32, timed: rife.py WEIGHTS WIDTHxHEIGHT THREADS PAIRS. Prints one line of JSON.

WEIGHTS is flownet.pkl of the published model. Needs torch from PyPI.
"""

import functools
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

# Resolution scales of the five blocks, as divisors of the size of the frames.
SCALES = (16, 8, 4, 2, 1)

# The published inference pads frames to multiples of this.
MULTIPLE = 128


# Convolutions are no slower than in the default order, and some are faster.
FASTEST = torch.channels_last


@functools.cache
def places(height, width):
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    return x, y


def warp(image, flow):
    height, width = image.shape[2:]
    x, y = places(height, width)
    grid = torch.stack([x + flow[:, 0] * 2 / (width - 1), y + flow[:, 1] * 2 / (height - 1)], -1)
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=True)


def resize(x, factor):
    return x if factor == 1 else F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def downscaling(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1), nn.LeakyReLU(0.2, inplace=True))


class Head(nn.Module):
    """Features of a frame, [1, 4, H, W]."""

    def __init__(self):
        super().__init__()
        self.cnn0 = nn.Conv2d(3, 16, 3, 2, 1)
        self.cnn1 = nn.Conv2d(16, 16, 3, 1, 1)
        self.cnn2 = nn.Conv2d(16, 16, 3, 1, 1)
        self.cnn3 = nn.ConvTranspose2d(16, 4, 4, 2, 1)

    def forward(self, x):
        for layer in (self.cnn0, self.cnn1, self.cnn2):
            x = F.leaky_relu(layer(x), 0.2, inplace=True)
        return self.cnn3(x)


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1)
        self.beta = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x):
        return F.leaky_relu(self.conv(x) * self.beta + x, 0.2, inplace=True)


class Block(nn.Module):
    """Flow to both frames, mask and features at one resolution scale."""

    def __init__(self, inputs, channels):
        super().__init__()
        self.conv0 = nn.Sequential(downscaling(inputs, channels // 2), downscaling(channels // 2, channels))
        self.convblock = nn.Sequential(*(Residual(channels) for _ in range(8)))
        self.lastconv = nn.Sequential(nn.ConvTranspose2d(channels, 4 * 13, 4, 2, 1), nn.PixelShuffle(2))

    def forward(self, x, flow, scale):
        x = resize(x, 1 / scale)
        if flow is not None:
            x = torch.cat([x, resize(flow, 1 / scale) / scale], 1)
        x = resize(self.lastconv(self.convblock(self.conv0(x))), scale)
        return x[:, :4] * scale, x[:, 4:5], x[:, 5:]


class Rife(nn.Module):
    """The network; frames are [1, 3, H, W] in [0, 1], with sides that are multiples of 128."""

    def __init__(self):
        super().__init__()
        self.encode = Head()
        for i, channels in enumerate((192, 128, 96, 64, 32)):
            setattr(self, f"block{i}", Block(15 if i == 0 else 28, channels))

    def forward(self, first, second, t):
        time = torch.full_like(first[:, :1], t)
        features = self.encode(first), self.encode(second)
        flow, mask, state = self.block0(torch.cat([first, second, *features, time], 1), None, SCALES[0])
        for i in range(1, 5):
            to_first, to_second = flow[:, :2], flow[:, 2:]
            near = warp(first, to_first), warp(second, to_second)
            near += warp(features[0], to_first), warp(features[1], to_second)
            change, mask, state = getattr(self, f"block{i}")(torch.cat([*near, time, mask, state], 1), flow, SCALES[i])
            flow = flow + change
        mask = torch.sigmoid(mask)
        return mask * warp(first, flow[:, :2]) + (1 - mask) * warp(second, flow[:, 2:])


def load(path):
    """Reads the weights. The file also has the tensors of a teacher, which inference leaves out."""
    net = Rife().eval()
    tensors = {name.removeprefix("module."): x for name, x in torch.load(path, map_location="cpu", weights_only=True).items()}
    net.load_state_dict({name: tensors[name] for name in net.state_dict()})
    return net.to(memory_format=FASTEST)


def pad(x):
    height, width = x.shape[2:]
    return F.pad(x, (0, -width % MULTIPLE, 0, -height % MULTIPLE)).contiguous(memory_format=FASTEST)


def main():
    path, size, threads, pairs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    width, height = map(int, size.split("x"))
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net = load(path)
    first, second = pad(torch.rand(1, 3, height, width)), pad(torch.rand(1, 3, height, width))
    times = []
    with torch.inference_mode():
        for _ in range(pairs + 1):
            begun, used = time.perf_counter(), time.process_time()
            net(first, second, 0.5)
            times.append((1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - used)))
    wall, cpu = (min(column) for column in zip(*times[1:]))
    print(json.dumps({"wall": wall, "cpu": cpu, "version": torch.__version__.split("+")[0]}))


if __name__ == "__main__":
    main()
