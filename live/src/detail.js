// Everything of the chosen cgroup: its limits, to be changed, and what its files say.
import { byId, make, setText } from './dom.js';
import { bytes, clock, count, whole } from './text.js';

const limits = [
  ['memory.max', at => at.memoryMax], ['memory.high', at => at.memoryHigh], ['memory.low', at => at.memoryLow], ['memory.min', at => at.memoryMin],
  ['vm.swappiness', at => at.swappiness],
];
const written = (file, value) => value == null ? 'max' : bytesAsWritten(value);

// The cgroups that have a swappiness: it itself, or those below it.
const reclaimed = (host, cgroup) => host.cgroups.filter(c => c.at.swappiness != null
  && (cgroup.at.isParent ? c.at.path.startsWith(`${cgroup.at.path}/`) : c.at.path === cgroup.at.path));

// Theirs; null: they differ; undefined: there is none.
const swappiness = (host, cgroup) => {
  const all = [...new Set(reclaimed(host, cgroup).map(c => c.at.swappiness))];
  return all.length > 1 ? null : all[0];
};

// As it would be typed: the largest unit that leaves it whole.
const bytesAsWritten = n => {
  for (const [unit, size] of [['G', 2 ** 30], ['M', 2 ** 20], ['K', 2 ** 10]]) {
    if (n && n % size === 0) return `${n / size}${unit}`;
  }
  return `${n}`;
};

export const createDetail = onWrite => {
  const root = byId('detail');
  let parts = null;
  let shown = null;
  let shownHost = null;

  const empty = () => {
    shown = null;
    parts = null;
    root.replaceChildren(make('p', { className: 'hint' }, 'Choose a cgroup to see its memory.stat, lru_gen_full and events, and to change its limits.'));
  };

  const section = (title, ...content) => {
    const body = make('div', {}, ...content);
    return { node: make('details', { open: true }, make('summary', {}, title), body), body };
  };

  const table = () => {
    const lines = new Map();
    const body = make('tbody');
    return {
      node: make('table', {}, body),
      show: pairs => {
        const names = new Set();
        for (const [name, value] of pairs) {
          names.add(name);
          if (!lines.has(name)) {
            const cell = make('td');
            const row = make('tr', {}, make('th', { scope: 'row' }, name), cell);
            lines.set(name, { row, cell });
            body.append(row);
          }
          const { cell, row } = lines.get(name);
          if (cell.textContent !== value) {
            if (cell.textContent) row.className = 'moved';
            setText(cell, value);
          } else if (row.className) row.className = '';
        }
        for (const [name, { row }] of lines) if (!names.has(name)) { row.remove(); lines.delete(name); }
      },
    };
  };

  const begin = (host, cgroup) => {
    shown = `${host.number}:${cgroup.at.path}`;
    const forms = limits.filter(([file]) => file !== 'vm.swappiness' || swappiness(host, cgroup) !== undefined).map(([file, of]) => {
      const input = make('input', { type: 'text', spellcheck: false, autocomplete: 'off', id: `write-${file}` });
      const label = make('label', { htmlFor: input.id }, file);
      if (cgroup.at.isParent && file === 'vm.swappiness') label.title = input.title = 'Of each cgroup below it';
      const form = make('form', { className: 'limit' }, label, input, make('button', { title: 'Write (Enter)' }, 'Set'));
      let touched = false;
      input.addEventListener('input', () => { touched = input.value !== input.dataset.is; });
      input.addEventListener('keydown', event => {
        if (event.key === 'Escape') { touched = false; input.value = input.dataset.is; byId('rows').focus(); event.stopPropagation(); }
      });
      form.addEventListener('submit', event => {
        event.preventDefault();
        touched = false;
        onWrite(host.number, file === 'vm.swappiness' ? reclaimed(shownHost, cgroup).map(c => c.at.path) : [cgroup.at.path], file, input.value.trim());
      });
      return { form, show: (on, c) => { const value = file === 'vm.swappiness' ? `${swappiness(on, c) ?? ''}` : written(file, of(c.at)); input.dataset.is = value; if (!touched) input.value = value; } };
    });
    const [figures, stat, events] = [table(), table(), table()];
    const text = make('pre', { className: 'file', tabIndex: 0, 'aria-label': 'lru_gen_full' });
    const log = make('ol', { className: 'log' });
    const [statPart, lruPart, eventPart, logPart] = [section('memory.stat', stat.node), section('lru_gen_full', text), section('memory.events', events.node), section('Written and read', log)];
    root.replaceChildren(
      make('h2', {}, cgroup.at.path, ' ', make('small', {}, host.name)),
      figures.node,
      make('div', { className: 'limits', role: 'group', 'aria-label': 'Limits' }, ...forms.map(f => f.form)),
      eventPart.node, lruPart.node, logPart.node, statPart.node);
    parts = { forms, figures, stat, events, text, lruPart, logPart, log };
  };

  return {
    empty,
    focus: () => (root.querySelector('input:not([disabled])') ?? root).focus(),
    show: (host, cgroup, figures) => {
      if (shown !== `${host.number}:${cgroup.at.path}`) begin(host, cgroup);
      const { at } = cgroup;
      shownHost = host;
      parts.forms.forEach(form => form.show(host, cgroup));
      const psi = pressure => pressure ? `${pressure.some.avg10.toFixed(2)} / ${pressure.full.avg10.toFixed(2)} %` : '–';
      parts.figures.show([
        ['memory.current', bytes(cgroup.current)],
        ...(cgroup.swap == null ? [] : [['memory.swap.current', bytes(cgroup.swap)]]),
        ['time', clock(at.nowNs) + (at.done ? ', done' : '')],
        ['accesses', count(at.accesses)],
        ['misses', `${count(at.misses)}${at.accesses ? ` (${(100 * at.misses / at.accesses).toFixed(1)} %)` : ''}`],
        ['memory.pressure avg10, some / full', psi(figures?.['memory.pressure'])],
        ['io.pressure avg10, some / full', psi(figures?.['io.pressure'])],
      ]);
      if (!figures) return;
      parts.stat.show(Object.entries(figures['memory.stat']).map(([name, value]) => [name, whole(value)]));
      parts.events.show(Object.entries(figures['memory.events']).map(([name, value]) => [name, whole(value)]));
      setText(parts.text, figures.lru_gen_full ?? '');
      parts.lruPart.node.hidden = !figures.lru_gen_full;
      const events = figures.events ?? [];
      parts.logPart.node.hidden = events.length === 0;
      if (parts.log.children.length !== events.length) {
        parts.log.replaceChildren(...events.map(e => make('li', {}, `${clock(e.atNs)}  ${e.file}${e.write == null ? ' read' : ` = ${e.write}`}${e.error ? `: ${e.error}` : ''}`)));
      }
    },
  };
};
