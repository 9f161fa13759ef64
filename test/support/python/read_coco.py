"""Every annotation of COCO files, as pycocotools reads it: what the file says, and what the mask decodes to."""
import contextlib, json, sys
from pycocotools import mask as masks
from pycocotools.coco import COCO

found = []
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(sys.stderr):
        coco = COCO(path)
    for annotation in coco.loadAnns(coco.getAnnIds()):
        decoded = coco.annToMask(annotation)
        again = masks.encode(decoded.copy(order="F"))
        found.append(
            {
                "image": coco.imgs[annotation["image_id"]]["file_name"],
                "category": coco.cats[annotation["category_id"]]["name"],
                "shape": decoded.shape,
                "pixels": decoded.ravel().tolist(),
                "stated": {"area": annotation["area"], "bbox": annotation["bbox"]},
                "decoded": {"area": int(masks.area(again)), "bbox": masks.toBbox(again).tolist()},
            }
        )
print(json.dumps(found))
