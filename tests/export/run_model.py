"""Checks an ONNX model and runs it: run_model.py MODEL FOLDER WIDTH HEIGHT T.

Reads FOLDER/first.f32 and FOLDER/second.f32, planes of float32; writes FOLDER/frame.f32. Needs onnx, onnxruntime and numpy.
"""

import sys

import numpy as np
import onnx
import onnxruntime

model, folder, width, height, t = sys.argv[1:]
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def read(name):
    return np.fromfile(f"{folder}/{name}.f32", "<f4").reshape(1, 3, int(height), int(width))


(frame,) = session.run(None, {"first": read("first"), "second": read("second"), "t": np.array([float(t)], "f4")})
frame.astype("<f4").tofile(f"{folder}/frame.f32")
print(session.get_modelmeta().custom_metadata_map["slomo"])
