"""Pictures as Pillow reads them: mode, indices, and the colours of the palette that are used."""
import json, sys
from PIL import Image

found = []
for path in sys.argv[1:]:
    with Image.open(path) as picture:
        values = list(picture.getdata())
        palette = picture.getpalette() or []
        colours = {str(value): palette[3 * value : 3 * value + 3] for value in set(values)} if palette else {}
        found.append({"mode": picture.mode, "size": picture.size, "values": values, "colours": colours})
print(json.dumps(found))
