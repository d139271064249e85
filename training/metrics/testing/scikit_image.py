"""Prints scikit_image.json: what scikit-image gives for the frames of metrics_test.ts."""
import json
import numpy as np
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

WIDTH, HEIGHT = 70, 45


def frame(shift, brighter):
    y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    x = x + shift
    wave = lambda k: np.abs(k % 256 - 128)
    grain = (x * 7919 + y * 104729 + c * 1299709) % 31
    return np.minimum(255, wave(3 * x + 2 * y + 40 * c) + wave((x * y) >> 3) // 2 + grain + brighter).astype(np.uint8)


def scores(a, b):
    options = dict(data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    luma = lambda f: f.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return {
        "psnr": peak_signal_noise_ratio(a, b, data_range=255),
        "ssim": structural_similarity(a.astype(np.float64), b.astype(np.float64), channel_axis=2, **options),
        "ssimLuma": structural_similarity(luma(a), luma(b), **options),
        "ie": float(np.sqrt(np.mean((a.astype(np.float64) - b) ** 2))),
    }


pairs = [(0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 3, 20), (5, 0, 40, 60)]
print(json.dumps({
    "scikit-image": skimage.__version__,
    "pairs": [{"pair": p, **scores(frame(*p[:2]), frame(*p[2:]))} for p in pairs],
}, indent=2))
