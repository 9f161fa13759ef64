"""UID and place of DICOM images, as pydicom reads them."""
import json, sys
import pydicom

images = [pydicom.dcmread(path, stop_before_pixels=True) for path in sys.argv[1:]]
print(json.dumps({str(each.SOPInstanceUID): [float(value) for value in each.ImagePositionPatient] for each in images}))
