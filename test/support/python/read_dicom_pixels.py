"""Pixels of DICOM images as pydicom reads them, rescaled; null where it has no decoder for how they are stored."""

import json
import sys

import pydicom
from pydicom.pixels import apply_rescale

found = []
for path in sys.argv[1:]:
    image = pydicom.dcmread(path)
    try:
        values = apply_rescale(image.pixel_array, image)
        found.append([float(value) for value in values.ravel()])
    except RuntimeError:
        found.append(None)
print(json.dumps(found))
