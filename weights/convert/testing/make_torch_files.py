"""Writes the small files of PyTorch's that the tests of this folder read."""
import datetime
from collections import OrderedDict

import numpy as np
import torch

values = OrderedDict(
    plain=torch.arange(6, dtype=torch.float32).reshape(2, 3),
    turned=torch.arange(6, dtype=torch.float32).reshape(2, 3).t(),
    part=torch.arange(10, dtype=torch.float32)[4:7],
    half=torch.tensor([0.5, -2.0], dtype=torch.float16),
    double=torch.tensor([0.25], dtype=torch.float64),
    bfloat=torch.tensor([1.5, -3.0], dtype=torch.bfloat16),
    parameter=torch.nn.Parameter(torch.tensor([7.0])),
    whole=torch.tensor([1, 2]),
)
checkpoint = {
    "state": values,
    "Detail": "words",
    "epoch": 300,
    "large": 2**70,
    "timestamp": datetime.datetime(2020, 1, 2),
    "loss": [[1.5, np.float64(2.5)], (True, None)],
}
torch.save(checkpoint, "new.pt")
torch.save(checkpoint, "legacy.pt", _use_new_zipfile_serialization=False)
