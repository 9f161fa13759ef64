"""DICOM segmentations as pydicom reads them: segments, and each frame with the image and the place it belongs to."""
import json, sys
import pydicom

found = []
for path in sys.argv[1:]:
    data = pydicom.dcmread(path)
    pixels = data.pixel_array.reshape(int(data.NumberOfFrames), data.Rows, data.Columns)
    frames = [
        {
            "segment": int(groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber),
            "position": [float(value) for value in groups.PlanePositionSequence[0].ImagePositionPatient],
            "image": str(groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID),
            "pixels": frame.ravel().tolist(),
        }
        for groups, frame in zip(data.PerFrameFunctionalGroupsSequence, pixels)
    ]
    found.append(
        {
            "class": data.SOPClassUID.name,
            "type": data.SegmentationType,
            "maximum": int(data.get("MaximumFractionalValue", 1)),
            "segments": [
                [int(each.SegmentNumber), str(each.SegmentLabel), str(each.SegmentAlgorithmType)]
                for each in data.SegmentSequence
            ],
            "frames": frames,
        }
    )
print(json.dumps(found))
