"""Writes the small VGG16 of PyTorch that the tests of this plugin read."""
from collections import OrderedDict

import torch

layers = OrderedDict()
channels, index = 3, 0
for block, count in enumerate([2, 2, 3, 3, 3]):
    for _ in range(count):
        n = 2 * 9 * channels
        layers[f"features.{index}.weight"] = (torch.arange(n) + index).float().reshape(2, channels, 3, 3)
        layers[f"features.{index}.bias"] = torch.tensor([index, -index]).float()
        channels, index = 2, index + 2
    index += 1
layers["classifier.0.weight"] = torch.ones(2, 2)
torch.save(layers, "vgg16.pt")
