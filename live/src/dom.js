export const byId = id => document.getElementById(id);

// Writes only what changed: the browser then has nothing to lay out again.
export const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

export const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in node && name !== 'list' && name !== 'role') node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
};

// A canvas as sharp as the screen is; returns its context, in CSS pixels.
export const sized = (canvas, width, height) => {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
};

let cache = {};
export const colour = name => (cache[name] ??= getComputedStyle(document.documentElement).getPropertyValue(name).trim());
export const forgetColours = () => { cache = {}; };
