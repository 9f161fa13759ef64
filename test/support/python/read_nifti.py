"""NIfTI files as nibabel reads them: affine, header fields, and values in the order of the file."""
import json, sys
import nibabel
import numpy

PLACE = ("pixdim", "qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y",
         "qoffset_z", "srow_x", "srow_y", "srow_z", "xyzt_units")

found = []
for path in sys.argv[1:]:
    image = nibabel.load(path)
    header = image.header
    found.append(
        {
            "shape": image.shape,
            "type": str(header.get_data_dtype().name),
            "affine": image.affine.ravel().tolist(),
            "zooms": [float(zoom) for zoom in header.get_zooms()],
            "place": {name: numpy.asarray(header[name], float).ravel().tolist() for name in PLACE},
            "values": numpy.asarray(image.dataobj).ravel(order="F").tolist(),
        }
    )
print(json.dumps(found))
