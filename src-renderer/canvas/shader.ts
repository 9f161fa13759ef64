// The program of the canvas: image through the window, values over it, label fills and outlines on top. What a picture does not show
// is left out of the program by #define: software rendering takes both sides of every branch.

/** What a program draws. */
export interface ProgramFeatures {
  /** Mixes neighbouring pixels itself, where the device does not filter 32-bit floats. */
  readonly mixes: boolean;
  /** Number of value layers. */
  readonly heats: 0 | 1 | 2;
  readonly labels: boolean;
  readonly outline: boolean;
  readonly marks: boolean;
}

/** Texture units by the name of their sampler. */
export const UNITS = { image: 0, labels: 1, marks: 2, heat0: 3, heat1: 4, classColours: 5, ramps: 6 } as const;

export const UNIFORMS = [
  ...['screenToImage', 'imageOrigin', 'canvasSize', 'imageSize', 'windowScale', 'isGrey', 'background'],
  ...['outlinePx', 'hatchPx', 'heat0Look', 'heat1Look'],
] as const;

export const VERTEX = `#version 300 es
// A triangle that covers the canvas; the corners come from the number of the vertex.
uniform vec4 screenToImage; // image step of one device pixel to the right (xy) and downwards (zw)
uniform vec2 imageOrigin; // image point of the canvas's upper left corner
uniform vec2 canvasSize; // device pixels
out vec2 imagePoint;
void main() {
  vec2 corner = vec2((gl_VertexID & 1) * 4 - 1, (gl_VertexID >> 1) * 4 - 1);
  vec2 devicePoint = vec2(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5) * canvasSize;
  imagePoint = imageOrigin + screenToImage.xy * devicePoint.x + screenToImage.zw * devicePoint.y;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

export function fragmentShader({ mixes, heats, labels, outline, marks }: ProgramFeatures): string {
  const defines = [
    mixes ? '#define MIXES' : '',
    heats > 0 ? '#define HEAT0' : '',
    heats > 1 ? '#define HEAT1' : '',
    labels ? '#define LABELS' : '',
    labels && outline ? '#define OUTLINE' : '',
    marks ? '#define MARKS' : '',
  ];
  return `#version 300 es\n${defines.filter(Boolean).join('\n')}\n${FRAGMENT}`;
}

const FRAGMENT = `precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;

uniform vec4 screenToImage;
uniform vec2 imageSize;
uniform vec3 background;
uniform sampler2D image;
uniform vec2 windowScale; // intensity times x plus y is 0 for black and 1 for white
uniform bool isGrey;
uniform usampler2D labels;
uniform sampler2D classColours; // row 0 fills, row 1 outlines
uniform usampler2D marks;
uniform float outlinePx; // device pixels
uniform float hatchPx;
uniform sampler2D heat0;
uniform sampler2D heat1;
uniform vec3 heat0Look; // opacity, threshold, row of the ramp
uniform vec3 heat1Look;
uniform sampler2D ramps;

in vec2 imagePoint;
out vec4 colour;

#ifdef MIXES
vec3 intensityAt(ivec2 at) {
  return texelFetch(image, clamp(at, ivec2(0), ivec2(imageSize) - 1), 0).rgb;
}

vec3 intensity() {
  vec2 centred = imagePoint - 0.5;
  ivec2 low = ivec2(floor(centred));
  vec2 share = centred - vec2(low);
  vec3 upper = mix(intensityAt(low), intensityAt(low + ivec2(1, 0)), share.x);
  vec3 lower = mix(intensityAt(low + ivec2(0, 1)), intensityAt(low + ivec2(1, 1)), share.x);
  return mix(upper, lower, share.y);
}
#else
vec3 intensity() {
  return texture(image, imagePoint / imageSize).rgb;
}
#endif

vec3 heated(vec3 under, float value, vec3 look) {
  float shown = clamp(value, 0.0, 1.0);
  vec3 over = texelFetch(ramps, ivec2(int(shown * 255.0 + 0.5), int(look.z)), 0).rgb;
  return mix(under, over, step(look.y, value) * look.x * shown);
}

bool isInside(vec2 point) {
  return all(greaterThanEqual(point, vec2(0.0))) && all(lessThan(point, imageSize));
}

// Pixels beyond the border count as its neighbours, so that a mask is not closed by the edge of the image.
uint labelAt(vec2 point) {
  return texelFetch(labels, clamp(ivec2(floor(point)), ivec2(0), ivec2(imageSize) - 1), 0).r;
}

// Stripes fixed to the screen, so that they look the same at every zoom.
bool isStripe(float slope) {
  return mod(gl_FragCoord.x + slope * gl_FragCoord.y, hatchPx) < hatchPx * 0.25;
}

void main() {
  vec3 seen = clamp(intensity() * windowScale.x + windowScale.y, 0.0, 1.0);
  if (isGrey) seen = seen.rrr;
#ifdef HEAT0
  seen = heated(seen, texture(heat0, imagePoint / imageSize).r, heat0Look);
#endif
#ifdef HEAT1
  seen = heated(seen, texture(heat1, imagePoint / imageSize).r, heat1Look);
#endif
#ifdef LABELS
  uint label = labelAt(imagePoint);
  int row = 0;
#ifdef OUTLINE
  vec2 right = screenToImage.xy * outlinePx;
  vec2 down = screenToImage.zw * outlinePx;
  bool isEdge = labelAt(imagePoint + right) != label || labelAt(imagePoint - right) != label ||
    labelAt(imagePoint + down) != label || labelAt(imagePoint - down) != label;
  row = isEdge ? 1 : 0;
#endif
  vec4 drawn = texelFetch(classColours, ivec2(int(label), row), 0);
  if (label == 255u) drawn = vec4(vec3(0.75), isStripe(1.0) ? 0.35 : 0.0);
  seen = mix(seen, drawn.rgb, drawn.a);
#endif
#ifdef MARKS
  if (texelFetch(marks, ivec2(floor(imagePoint)), 0).r != 0u && isStripe(-1.0)) seen = mix(seen, vec3(1.0), 0.6);
#endif
  colour = vec4(isInside(imagePoint) ? seen : background, 1.0);
}`;
