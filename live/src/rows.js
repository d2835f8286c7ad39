// Hosts, nodes and cgroups: only the rows that are in sight exist, and one canvas draws all their bars.
import { byId, colour, make, setText, sized } from './dom.js';
import { curveOf, keyOf } from './history.js';
import { bytes, count } from './text.js';

const height = 26;
const pageBytes = 4096;
const tiersWide = 44;
const sparkWide = 72;

export const createRows = onChoose => {
  const [scroller, space, canvas] = [byId('rows'), byId('space'), byId('bars')];
  const pool = [];
  const folded = new Set();
  let rows = [];
  let frame = null;
  let chosen = null;
  let shared = 1;
  let pending = false;

  const options = { filter: '', order: 'tree', scale: 'own' };

  const orders = {
    current: (host, a, b) => b.current - a.current,
    refaults: (host, a, b) => rate(host, b) - rate(host, a),
    pressure: (host, a, b) => pressure(host, b) - pressure(host, a),
  };
  const curve = (host, cgroup) => curveOf(keyOf(host.number, cgroup.at.path));
  const rate = (host, cgroup) => curve(host, cgroup)?.refaultRate ?? 0;
  const pressure = (host, cgroup) => curve(host, cgroup)?.pressure ?? 0;

  // Parents stand before those below them, all else as in the scenario.
  const inTree = cgroups => {
    const parents = new Set(cgroups.filter(c => c.at.isParent).map(c => c.at.path));
    const under = new Map();
    for (const cgroup of cgroups) {
      const path = cgroup.at.path;
      let above = path.slice(0, path.lastIndexOf('/'));
      while (above && !parents.has(above)) above = above.slice(0, above.lastIndexOf('/'));
      if (!under.has(above)) under.set(above, []);
      under.get(above).push(cgroup);
    }
    const out = [];
    const walk = (above, level) => {
      for (const cgroup of under.get(above) ?? []) {
        out.push({ cgroup, level, label: cgroup.at.path.slice(above.length) });
        if (cgroup.at.isParent) walk(cgroup.at.path, level + 1);
      }
    };
    walk('', 2);
    return out;
  };

  const build = () => {
    rows = [];
    let found = 0;
    let all = 0;
    shared = 1;
    for (const host of frame.hosts) {
      const key = `host ${host.number}`;
      const isFolded = folded.has(key);
      rows.push({ kind: 'host', key, host, level: 1, label: host.name, isFolded });
      if (!isFolded) for (const node of host.nodes) {
        // A host whose memory is not given has more than it needs.
        if (node.memTotalPages < 2 ** 40) rows.push({ kind: 'node', key: `node ${host.number} ${node.id}`, host, node, level: 2, label: `node ${node.id}` });
      }
      let list = options.order === 'tree' ? inTree(host.cgroups)
        : host.cgroups.filter(c => !c.at.isParent).sort((a, b) => orders[options.order](host, a, b)).map(cgroup => ({ cgroup, level: 2, label: cgroup.at.path }));
      all += list.length;
      if (options.filter) list = list.filter(row => row.cgroup.at.path.toLowerCase().includes(options.filter)).map(row => ({ ...row, level: 2, label: row.cgroup.at.path }));
      found += list.length;
      for (const row of list) {
        const { cgroup } = row;
        if (!cgroup.at.isParent) shared = Math.max(shared, reach(cgroup));
        if (!isFolded) rows.push({ kind: 'cgroup', key: keyOf(host.number, cgroup.at.path), host, ...row });
      }
    }
    setText(byId('count'), found === all ? `${all} cgroups` : `${found} of ${all} cgroups`);
    space.style.height = `${rows.length * height}px`;
    scroller.setAttribute('aria-rowcount', rows.length);
  };

  // What a full bar stands for, bytes: the limit, or the most that it has had where there is none.
  const peaks = new Map();
  const reach = cgroup => {
    const at = cgroup.at;
    if (at.memoryMax != null) return Math.max(at.memoryMax, cgroup.current);
    const peak = Math.max(peaks.get(at.path) ?? 0, cgroup.current);
    peaks.set(at.path, peak);
    return Math.max(1, peak);
  };

  const rowNode = i => {
    while (pool.length <= i) {
      const cells = ['name', 'mem', 'lru', 'tiers', 'spark', 'num', 'num'].map(name => make('span', { className: name, role: 'gridcell' }));
      const node = make('div', { className: 'row', role: 'row', id: `row-${pool.length}` }, ...cells);
      node.addEventListener('mousedown', () => choose(node.row));
      node.addEventListener('mouseenter', () => describe(node));
      space.append(node);
      pool.push(node);
    }
    return pool[i];
  };

  const fill = (node, row, index) => {
    const [name, mem, , , , rateCell, psiCell] = node.children;
    node.row = row;
    node.style.transform = `translateY(${index * height}px)`;
    const isChosen = row.key === chosen;
    const kind = `row ${row.kind}${isChosen ? ' chosen' : ''}${row.cgroup?.at.isParent ? ' parent' : ''}${row.cgroup?.at.done ? ' done' : ''}`;
    if (node.className !== kind) node.className = kind;
    node.setAttribute('aria-selected', isChosen);
    node.setAttribute('aria-level', row.level);
    node.setAttribute('aria-rowindex', index + 1);
    if (row.kind === 'host') node.setAttribute('aria-expanded', !row.isFolded);
    else node.removeAttribute('aria-expanded');
    name.style.paddingLeft = `${(row.level - 1) * 14 + 8}px`;
    setText(name, (row.kind === 'host' ? (row.isFolded ? '▸ ' : '▾ ') : '') + row.label);
    name.title = row.cgroup?.at.path ?? row.label;
    if (row.kind === 'cgroup') {
      const { cgroup, host } = row;
      const limit = cgroup.at.memoryMax;
      setText(mem, `${bytes(cgroup.current)}${limit == null ? '' : ` / ${bytes(limit)}`}`);
      setText(rateCell, count(rate(host, cgroup)));
      setText(psiCell, pressure(host, cgroup).toFixed(1));
    } else if (row.kind === 'node') {
      setText(mem, `${bytes(row.node.freePages * pageBytes)} free`);
      setText(rateCell, '');
      setText(psiCell, '');
    } else {
      setText(mem, '');
      setText(rateCell, '');
      setText(psiCell, '');
    }
  };

  const ageColours = type => [0, 1, 2, 3].map(age => colour(`--${type}-${age}`));

  const drawBar = (g, row, y, x, width, colours) => {
    const { cgroup } = row;
    const full = options.scale === 'shared' ? shared : reach(cgroup);
    const [top, thick] = [y + 5, height - 10];
    g.fillStyle = colour('--groove');
    g.fillRect(x, top, width, thick);
    const per = width / full;
    if (cgroup.at.isParent) {
      g.fillStyle = colour('--other');
      g.fillRect(x, top + thick / 2 - 2, Math.min(width, cgroup.current * per), 4);
      drawMarks(g, cgroup, y, x, width, per);
      return;
    }
    const lruvecs = cgroup.at.lists;
    const band = thick / Math.max(1, lruvecs.length);
    let right = x;
    let listed = 0;
    lruvecs.forEach((lruvec, n) => {
      let at = x;
      const generations = lruvec.pages;
      generations.forEach((generation, i) => {
        // The classic policy has two lists: the active one is young.
        const age = Math.min(3, (generations.length - 1 - i) * (lruvec.multiGen ? 1 : 2));
        const begin = at;
        for (const [type, pages] of [['file', generation[0]], ['anon', generation[1]]]) {
          const wide = pages * pageBytes * per;
          if (wide > 0) {
            g.fillStyle = colours[type][age];
            g.fillRect(at, top + n * band, wide, band - (lruvecs.length > 1 ? 1 : 0));
            at += wide;
          }
          listed += pages * pageBytes;
        }
        if (at - begin > 3 && i < generations.length - 1) {
          g.fillStyle = colour('--panel');
          g.fillRect(at - 1, top + n * band, 1, band);
        }
      });
      right = Math.max(right, at);
    });
    const rest = Math.min((cgroup.current - listed) * per, x + width - right);
    if (rest > 0.5) {
      g.fillStyle = colour('--other');
      g.fillRect(right, top, rest, thick);
    }
    drawMarks(g, cgroup, y, x, width, per);
  };

  const drawMarks = (g, cgroup, y, x, width, per) => {
    const mark = (limit, name, up) => {
      if (limit > 0 && limit * per <= width + 0.5) {
        g.fillStyle = colour(name);
        g.fillRect(Math.round(x + limit * per) - 1, up ? y + 2 : y + 5, 2, up ? height - 4 : height - 7);
      }
    };
    mark(cgroup.at.memoryHigh, '--high', true);
    mark(Math.max(cgroup.at.memoryLow ?? 0, cgroup.at.memoryMin ?? 0), '--low', false);
  };

  // What bars and tiers mean, in figures, for whoever points at them.
  const describe = node => {
    const { cgroup } = node.row;
    const lists = cgroup?.at.lists ?? [];
    const named = (list, i) => list.multiGen ? `generation ${i + 1} of ${list.pages.length}` : i ? 'active' : 'inactive';
    node.children[2].title = lists.flatMap((list, n) => list.pages.map(([file, anon], i) =>
      `${lists.length > 1 ? `node ${n}, ` : ''}${named(list, i)}: ${bytes(file * pageBytes)} file, ${bytes(anon * pageBytes)} anon`)).join('\n');
    const tiers = lists.find(list => list.total?.some(n => n > 0));
    node.children[3].title = !tiers ? '' : tiers.total.map((n, tier) =>
      `tier ${tier}: ${tiers.refaulted[tier]} of ${n} evicted came back${tier > tiers.threshold ? ', protected' : ''}`).join('\n');
  };

  // Refaulted to evicted, by tier of file pages, against tier 0; those above the threshold are protected.
  const drawTiers = (g, row, y, x) => {
    const tiers = row.cgroup.at.lists.find(lruvec => lruvec.total?.some(n => n > 0));
    if (!tiers) return;
    const ratios = tiers.total.map((n, i) => n ? tiers.refaulted[i] / n : 0);
    const largest = Math.max(...ratios, 1e-9);
    ratios.forEach((ratio, tier) => {
      const [left, bottom, tall] = [x + tier * 10, y + height - 5, (height - 10) * ratio / largest];
      g.fillStyle = colour(tier > tiers.threshold ? '--protected' : '--tier');
      g.fillRect(left, bottom - Math.max(1, tall), 8, Math.max(1, tall));
    });
  };

  const drawSpark = (g, points, y, x, width) => {
    if (points.length < 2) return;
    const shown = points.slice(-60);
    const most = Math.max(...shown, 1);
    g.beginPath();
    shown.forEach((value, i) => g.lineTo(x + width * i / (shown.length - 1), y + height - 5 - (height - 11) * value / most));
    g.strokeStyle = colour('--spark');
    g.lineWidth = 1.25;
    g.stroke();
  };

  const drawNode = (g, row, y, x, width) => {
    const { memTotalPages: total, freePages: free, reclaim } = row.node;
    g.fillStyle = colour('--groove');
    g.fillRect(x, y + 9, width, height - 18);
    g.fillStyle = colour('--used');
    g.fillRect(x, y + 9, width * (total - free) / total, height - 18);
    if (reclaim) {
      for (const [pages, name] of [[reclaim.high, '--low'], [reclaim.min, '--high']]) {
        g.fillStyle = colour(name);
        g.fillRect(x + width * (total - pages) / total, y + 6, 1.5, height - 12);
      }
    }
  };

  const draw = () => {
    pending = false;
    if (!frame) return;
    const [top, tall] = [scroller.scrollTop, scroller.clientHeight];
    const first = Math.max(0, Math.floor(top / height) - 2);
    const last = Math.min(rows.length, Math.ceil((top + tall) / height) + 2);
    let used = 0;
    for (let i = first; i < last; i++) fill(rowNode(used++), rows[i], i);
    for (let i = 0; i < pool.length; i++) {
      const hide = i >= used;
      if (pool[i].hidden !== hide) pool[i].hidden = hide;
    }
    const active = pool.find(node => !node.hidden && node.row.key === chosen);
    if (active) scroller.setAttribute('aria-activedescendant', active.id);
    else scroller.removeAttribute('aria-activedescendant');

    const sample = pool[0]?.children[2];
    if (!sample || !tall) return;
    const from = sample.offsetLeft;
    const wide = sample.offsetWidth + tiersWide + sparkWide + 16;
    canvas.style.left = `${from}px`;
    const g = sized(canvas, wide, tall);
    const width = sample.offsetWidth - 8;
    const colours = { file: ageColours('file'), anon: ageColours('anon') };
    for (let i = first; i < last; i++) {
      const [row, y] = [rows[i], i * height - top];
      if (row.kind === 'cgroup') {
        drawBar(g, row, y, 0, width, colours);
        if (!row.cgroup.at.isParent) {
          drawTiers(g, row, y, width + 16);
          drawSpark(g, curve(row.host, row.cgroup)?.refaults ?? [], y, width + 16 + tiersWide + 8, sparkWide - 8);
        }
      } else if (row.kind === 'node') drawNode(g, row, y, 0, width);
    }
  };

  const redraw = () => {
    if (!pending) {
      pending = true;
      requestAnimationFrame(draw);
    }
  };

  const fold = (row, isFolded) => {
    if (row?.kind !== 'host') return;
    if (isFolded) folded.add(row.key);
    else folded.delete(row.key);
    build();
    redraw();
  };

  const choose = (row, reveal = false) => {
    if (!row) return;
    if (row.kind === 'host' && chosen === row.key && !reveal) fold(row, !folded.has(row.key));
    chosen = row.key;
    if (reveal) {
      const y = rows.indexOf(row) * height;
      if (y < scroller.scrollTop) scroller.scrollTop = y;
      else if (y + height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = y + height - scroller.clientHeight;
    }
    redraw();
    onChoose(row.kind === 'cgroup' ? { host: row.host.number, path: row.cgroup.at.path } : null);
  };

  scroller.addEventListener('scroll', redraw, { passive: true });
  new ResizeObserver(redraw).observe(scroller);
  scroller.addEventListener('keydown', event => {
    const at = rows.findIndex(row => row.key === chosen);
    const page = Math.max(1, Math.floor(scroller.clientHeight / height) - 1);
    const to = {
      ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1,
    }[event.key];
    if (to !== undefined) choose(rows[Math.max(0, Math.min(rows.length - 1, to))], true);
    else if (event.key === 'ArrowLeft') fold(rows[at], true);
    else if (event.key === 'ArrowRight') fold(rows[at], false);
    else return;
    event.preventDefault();
  });

  return {
    redraw,
    show: next => { frame = next; build(); redraw(); },
    set: (name, value) => { options[name] = value; if (frame) { build(); redraw(); } },
    choose: (host, path) => choose(rows.find(row => row.key === keyOf(host, path)), true),
    leave: () => { chosen = null; redraw(); onChoose(null); },
  };
};
