// The points of a map by WebGL 2: one call for the faded ones, one for those that stand out.

// Browsers keep 8 to 16 contexts a page and take the oldest one away; other charts want some too.
const MOST_CONTEXTS = 4;
const contexts = (globalThis[Symbol.for("workbench.linked-map.contexts")] ??= new Set());

const VERTEX = `#version 300 es
  layout(location = 0) in vec2 place;
  layout(location = 1) in vec4 look;
  uniform vec2 middle;
  uniform vec2 scale;
  uniform float side;
  flat out vec3 colour;
  flat out int symbol;
  void main() {
    gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
    gl_PointSize = side;
    colour = look.rgb;
    symbol = int(look.a * 255.0 + 0.5);
  }`;

// Distances to the edge of each symbol of shapes.js, in radii; y points down as on a canvas.
const FRAGMENT = `#version 300 es
  precision highp float;
  uniform float side;
  uniform float radius;
  uniform float alpha;
  flat in vec3 colour;
  flat in int symbol;
  out vec4 ink;
  float triangle(vec2 p) {
    return max(p.y - 0.85, dot(vec2(abs(p.x), p.y + 1.15), vec2(0.876, -0.482)));
  }
  float plus(vec2 p) {
    p = abs(p);
    return min(max(p.x - 1.1, p.y - 0.38), max(p.x - 0.38, p.y - 1.1));
  }
  float star(vec2 p) {
    float fifth = 1.2566371;
    float angle = abs(mod(atan(p.x, -p.y) + fifth / 2.0, fifth) - fifth / 2.0);
    return dot(length(p) * vec2(sin(angle), cos(angle)) - vec2(0.0, 1.3), vec2(0.935, 0.354));
  }
  void main() {
    vec2 p = (gl_PointCoord - 0.5) * side / radius;
    float edge = length(p) - 1.0;
    if (symbol == 1) edge = max(abs(p.x), abs(p.y)) - 0.85;
    else if (symbol == 2) edge = triangle(p);
    else if (symbol == 3) edge = triangle(vec2(p.x, -p.y));
    else if (symbol == 4) edge = (abs(p.x) / 1.05 + abs(p.y) / 1.25 - 1.0) * 0.804;
    else if (symbol == 5) edge = plus(p);
    else if (symbol == 6) edge = plus(vec2(p.x + p.y, p.x - p.y) * 0.7071);
    else if (symbol == 7) edge = star(p);
    float cover = clamp(0.5 - edge * radius, 0.0, 1.0) * alpha;
    if (cover <= 0.0) discard;
    ink = vec4(colour * cover, cover);
  }`;

/** Whether the processor computes WebGL, which not every browser calls a caveat. */
function bySoftware(gl) {
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = told ? gl.getParameter(told.UNMASKED_RENDERER_WEBGL) : "";
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/** Draws with WebGL, or null where there is none or the page has enough of it. anyhow: also where
 *  the processor has to compute it. lost: called once when the browser takes the context away. */
function webglRenderer(canvas, anyhow, lost) {
  if (contexts.size >= MOST_CONTEXTS) return null;
  const gl = canvas.getContext("webgl2", {
    ...{ antialias: false, depth: false, stencil: false },
    failIfMajorPerformanceCaveat: !anyhow,
  });
  if (gl && !anyhow && bySoftware(gl)) {
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return null;
  }
  const program = gl && programOf(gl);
  if (!program) return null;
  contexts.add(canvas);
  const onLost = (event) => {
    event.preventDefault();
    contexts.delete(canvas);
    lost();
  };
  canvas.addEventListener("webglcontextlost", onLost, { once: true });
  const buffers = buffersOf(gl);
  const uniforms = Object.fromEntries(
    ["middle", "scale", "side", "radius", "alpha"].map((n) => [n, gl.getUniformLocation(program, n)]),
  );
  let split = 0;
  return {
    kind: "webgl",
    draw(map, panel, ratio) {
      fit(canvas, panel, ratio);
      if (panel.stale.points) sendPlaces(gl, buffers, panel);
      if (panel.stale.looks) sendLooks(gl, buffers, panel, map.palette);
      if (panel.stale.states) split = sendOrder(gl, panel);
      panel.stale = {};
      const { view, extent, width, height } = panel;
      const radius = panel.radius * ratio;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(uniforms.middle, view.x - extent.x, view.y - extent.y);
      gl.uniform2f(uniforms.scale, (2 * view.scale) / width, (2 * view.scale) / height);
      gl.uniform1f(uniforms.side, Math.ceil(2.6 * radius) + 1);
      gl.uniform1f(uniforms.radius, radius);
      const count = panel.points.length;
      for (const [from, to, alpha] of [[0, split, FADED], [split, count, brightness(map)]]) {
        gl.uniform1f(uniforms.alpha, alpha);
        if (to > from) gl.drawElements(gl.POINTS, to - from, gl.UNSIGNED_INT, 4 * from);
      }
    },
    free() {
      canvas.removeEventListener("webglcontextlost", onLost);
      gl.getExtension("WEBGL_lose_context")?.loseContext();
      contexts.delete(canvas);
    },
  };
}

function programOf(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  return program;
}

function buffersOf(gl) {
  const [places, looks, order] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, looks);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  return { places, looks };
}

/** Places relative to the middle, so that single precision is enough when looked at from near. */
function sendPlaces(gl, buffers, panel) {
  const places = new Float32Array(2 * panel.points.length);
  for (let i = 0; i < panel.points.length; i += 1) {
    places[2 * i] = panel.x[i] - panel.extent.x;
    places[2 * i + 1] = panel.y[i] - panel.extent.y;
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers.places);
  gl.bufferData(gl.ARRAY_BUFFER, places, gl.DYNAMIC_DRAW);
}

function sendLooks(gl, buffers, panel, palette) {
  const bytes = palette.map(({ colour, symbol }) => [...hexOf(colour), codeOf(symbol)]);
  const looks = new Uint8Array(4 * panel.points.length);
  for (let i = 0; i < panel.points.length; i += 1) looks.set(bytes[panel.looks[i]], 4 * i);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers.looks);
  gl.bufferData(gl.ARRAY_BUFFER, looks, gl.STATIC_DRAW);
}

/** The order of drawing: faded points, then the others. Returns the number of faded ones. */
function sendOrder(gl, panel) {
  const order = new Uint32Array(panel.points.length);
  let [faded, bright] = [0, order.length];
  for (let k = order.length - 1; k >= 0; k -= 1)
    if (panel.bright[panel.order[k]]) order[(bright -= 1)] = panel.order[k];
  for (const i of panel.order) if (!panel.bright[i]) order[faded++] = i;
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.DYNAMIC_DRAW);
  return faded;
}
