"""Data sets of HDF5 files as h5py reads them."""
import json, sys
import h5py

found = []
for path in sys.argv[1:]:
    with h5py.File(path, "r") as file:
        found.append(
            {
                name: {"shape": data.shape, "type": data.dtype.name, "values": data[()].ravel().tolist()}
                for name, data in file.items()
            }
        )
print(json.dumps(found))
