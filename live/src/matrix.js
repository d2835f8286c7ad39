// Who reclaimed from whom: a cell for each pair, the redder the more pages, on a scale of powers.
import { byId, colour, setText, sized } from './dom.js';
import { count, whole } from './text.js';

const most = 64;

// As much of a name as there is room for; its end tells equal ones apart.
const shortened = (g, name, room) => {
  let text = name;
  for (let i = 1; i < name.length && g.measureText(text).width > room; i++) text = `…${name.slice(i)}`;
  return text;
};

export const createMatrix = () => {
  const canvas = byId('matrix');
  const says = byId('matrix-says');
  let shown = null;
  let cursor = null;
  let chosen = null;
  let last = null;

  // The cgroups that have most to do with others, in the order of the scenario.
  const select = host => {
    const weight = new Map();
    for (const [a, v, pages] of host.matrix) {
      weight.set(a, (weight.get(a) ?? 0) + pages);
      weight.set(v, (weight.get(v) ?? 0) + pages);
    }
    return [...weight].sort((a, b) => b[1] - a[1]).slice(0, most).map(([i]) => i).sort((a, b) => a - b);
  };

  const describe = () => {
    if (!shown) return;
    const { host, members, cells } = shown;
    const name = i => host.cgroups[members[i]].at.path;
    if (cursor) {
      const cell = cells.get(`${cursor.a} ${cursor.v}`);
      setText(says, cursor.a === cursor.v
        ? `${name(cursor.a)} reclaimed ${whole(cell?.[0] ?? 0)} pages of its own; ${whole(cell?.[1] ?? 0)} came back`
        : `${name(cursor.a)} took ${whole(cell?.[0] ?? 0)} pages from ${name(cursor.v)}; ${whole(cell?.[1] ?? 0)} came back`);
    } else {
      const others = [...cells].filter(([key]) => { const [a, v] = key.split(' '); return a !== v; }).reduce((sum, [, [pages]]) => sum + pages, 0);
      setText(says, members.length === 0 ? 'Nothing was reclaimed yet.' : `${whole(others)} pages went to others${members.length === most ? ` (of the ${most} with most)` : ''}.`);
    }
  };

  const draw = () => {
    const box = canvas.parentElement;
    const [width, height] = [box.clientWidth, box.clientHeight];
    if (!shown || width < 20 || height < 20) return;
    const { members, cells, host } = shown;
    const g = sized(canvas, width, height);
    const n = members.length;
    if (!n) return;
    const labels = n <= 16;
    g.font = '11px system-ui';
    const names = members.map(i => host.cgroups[i].at.path.slice(1));
    const left = labels ? Math.min(110, Math.max(72, ...names.map(name => g.measureText(name).width + 10))) : 18;
    const top = 18;
    const wide = Math.max(2, Math.min(84, Math.floor((width - left - 2) / n)));
    const tall = Math.max(2, Math.min(40, Math.floor((height - top - 2) / n)));
    const gap = tall > 4 ? 1 : 0;
    shown.at = { left, top, wide, tall };
    g.fillStyle = colour('--dim');
    if (labels && wide >= 40) {
      g.fillText('asked ↓ lost →', 0, 12, left - 4);
      names.forEach((name, v) => g.fillText(shortened(g, name, wide - 6), left + v * wide, 12));
    } else g.fillText('whose pages →', left, 12);
    if (!labels) {
      g.save();
      g.translate(12, top + Math.min(height - top, tall * n));
      g.rotate(-Math.PI / 2);
      g.fillText('who asked →', 0, 0);
      g.restore();
    }
    const largest = Math.log1p(Math.max(1, ...[...cells.values()].map(([pages]) => pages)));
    for (let a = 0; a < n; a++) {
      if (labels) {
        g.fillStyle = colour(members[a] === chosen ? '--text' : '--dim');
        g.fillText(shortened(g, names[a], left - 6), 0, top + a * tall + tall / 2 + 4);
      }
      for (let v = 0; v < n; v++) {
        const pages = cells.get(`${a} ${v}`)?.[0] ?? 0;
        g.fillStyle = colour('--groove');
        g.fillRect(left + v * wide, top + a * tall, wide - gap, tall - gap);
        if (pages) {
          g.globalAlpha = 0.12 + 0.88 * Math.log1p(pages) / largest;
          g.fillStyle = colour(a === v ? '--heat-own' : '--heat');
          g.fillRect(left + v * wide, top + a * tall, wide - gap, tall - gap);
          g.globalAlpha = 1;
          if (wide >= 40 && tall >= 16) {
            // Light cells bear dark figures, strong ones light ones, in either theme.
            g.fillStyle = colour(Math.log1p(pages) / largest > 0.6 ? '--panel' : '--text');
            g.textAlign = 'center';
            g.fillText(count(pages), left + v * wide + (wide - gap) / 2, top + a * tall + tall / 2 + 4);
            g.textAlign = 'start';
          }
        }
      }
    }
    if (cursor && cursor.a < n && cursor.v < n) {
      g.strokeStyle = colour('--text');
      g.lineWidth = 1.5;
      g.strokeRect(left + cursor.v * wide - 0.5, top + cursor.a * tall - 0.5, wide, tall);
    }
  };

  const point = to => {
    cursor = to;
    draw();
    describe();
  };

  canvas.addEventListener('mousemove', event => {
    const at = shown?.at;
    if (!at) return;
    const [v, a] = [Math.floor((event.offsetX - at.left) / at.wide), Math.floor((event.offsetY - at.top) / at.tall)];
    const n = shown.members.length;
    point(a >= 0 && v >= 0 && a < n && v < n ? { a, v } : null);
  });
  canvas.addEventListener('mouseleave', () => point(null));
  canvas.addEventListener('blur', () => point(null));
  canvas.addEventListener('keydown', event => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by || !shown?.members.length) return;
    const within = i => Math.max(0, Math.min(shown.members.length - 1, i));
    point(cursor ? { a: within(cursor.a + by[0]), v: within(cursor.v + by[1]) } : { a: 0, v: 0 });
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(canvas.parentElement);

  return {
    repaint: draw,
    show: (host, path) => {
      const next = `${host.number} ${host.matrixAt} ${host.matrix.length} ${path}`;
      if (next === last) return;
      last = next;
      const members = select(host);
      const place = new Map(members.map((i, at) => [i, at]));
      const cells = new Map(host.matrix.filter(([a, v]) => place.has(a) && place.has(v)).map(([a, v, pages, back]) => [`${place.get(a)} ${place.get(v)}`, [pages, back]]));
      chosen = host.cgroups.findIndex(cgroup => cgroup.at.path === path);
      shown = { host, members, cells };
      draw();
      describe();
    },
  };
};
