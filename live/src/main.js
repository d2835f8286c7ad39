// The page: what the server says goes to each part, what people do goes back.
import './live.css';
import { createCurves } from './curves.js';
import { createDetail } from './detail.js';
import { byId, forgetColours, setText } from './dom.js';
import { Refused, command, follow, runs, setToken } from './feed.js';
import { curveOf, keyOf, note, reset, total } from './history.js';
import { createMatrix } from './matrix.js';
import { createRows } from './rows.js';
import { clock, count } from './text.js';

const phases = { created: 'not begun', running: 'running', paused: 'paused', stopped: 'stopped', done: 'done', failed: 'failed' };

let run = null;
let frame = null;
let chosen = null;
let leave = () => {};
let frames = 0;

const toast = (text, bad = false) => {
  const node = byId('toast');
  node.className = bad ? 'bad shown' : 'shown';
  setText(node, text);
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.className = ''; }, 6000);
};

const rows = createRows(next => {
  if (next?.path === chosen?.path && next?.host === chosen?.host) return;
  chosen = next;
  if (!chosen) detail.empty();
  open();
  paint();
});
const matrix = createMatrix();
const curves = createCurves();

const act = async (name, body) => {
  try {
    return await command(run, name, body);
  } catch (e) {
    toast(e.message, true);
    return null;
  }
};

const detail = createDetail(async (host, paths, file, value) => {
  let reply;
  for (const cgroup of paths) {
    reply = await act('control', { host, cgroup, file, value });
    if (!reply) return;
  }
  const cgroup = paths.length > 1 ? `${paths.length} cgroups` : paths[0];
  const when = `${clock(reply.atNs)}`;
  toast(reply.result?.error ? `${file} = ${value}: ${reply.result.error}`
    : reply.result ? `${cgroup} ${file} = ${value} at ${when}`
    : reply.over ? `${cgroup} has ended: ${file} stays as it is`
    : `${file} = ${value} takes place when the run goes on, at ${when}`, Boolean(reply.result?.error || (reply.over && !reply.result)));
});
detail.empty();

const goesOn = () => frame?.phase === 'running';

const paintHead = () => {
  setText(byId('scenario'), frame.scenario);
  const { policy, variant } = frame.kernel;
  setText(byId('kernel'), `${policy === 'mglru' ? 'multi-gen LRU' : policy === 'classic' ? 'classic LRU' : policy}, ${variant}`);
  setText(byId('now'), clock(frame.nowNs));
  const part = frame.phase === 'done' ? 1
    : frame.endNs != null ? frame.nowNs / frame.endNs : frame.totalAccesses ? frame.accesses / frame.totalAccesses : 0;
  const percent = Math.min(100, 100 * part);
  byId('progress').setAttribute('aria-valuenow', percent.toFixed(0));
  byId('progress').firstElementChild.style.width = `${percent}%`;
  const phase = phases[frame.phase] ?? frame.phase;
  setText(byId('phase'), frame.error ? `${phase}: ${frame.error}` : `${phase}, ${count(frame.accesses)} accesses`);
  document.body.dataset.phase = frame.phase;
  const over = ['done', 'stopped', 'failed'].includes(frame.phase);
  const play = byId('play');
  setText(play, goesOn() ? 'Pause' : frame.phase === 'created' ? 'Start' : 'Go on');
  for (const id of ['play', 'step', 'step-size', 'speed']) byId(id).disabled = over;
  if (document.activeElement !== byId('speed')) {
    const speed = frame.speed == null ? '' : `${frame.speed}`;
    if ([...byId('speed').options].some(option => option.value === speed)) byId('speed').value = speed;
  }
  document.title = `${frame.scenario} ${clock(frame.nowNs)}`;
};

const paint = () => {
  if (!frame) return;
  paintHead();
  rows.show(frame);
  const host = frame.hosts.find(h => h.number === chosen?.host) ?? frame.hosts[0];
  if (!host) return;
  const cgroup = chosen && host.cgroups.find(c => c.at.path === chosen.path);
  if (cgroup) detail.show(host, cgroup, host.detail);
  setText(byId('curves-of'), cgroup ? cgroup.at.path : frame.hosts.length > 1 ? 'All cgroups of all hosts' : 'All cgroups');
  curves.show(cgroup ? curveOf(keyOf(host.number, cgroup.at.path)) ?? total : total);
  matrix.show(host, chosen?.path);
};

// Everything of the chosen cgroup comes with the frames: they are asked for anew.
const open = () => {
  leave();
  if (!run) return;
  const path = chosen?.path;
  leave = follow(run, path, answer => {
    if (chosen?.path !== path) return;
    // A document that is not looked at is not painted; what it was like is noted all the same.
    frame = answer;
    note(frame);
    document.body.dataset.frames = ++frames;
    document.body.dataset.now = frame.nowNs;
    if (!document.hidden) paint();
  }, problem => {
    if (problem instanceof Refused && problem.status === 401) askToken();
    else if (problem) toast(problem.message, true);
  });
};

const showRun = name => {
  run = name;
  chosen = null;
  reset();
  detail.empty();
  open();
};

const begin = async () => {
  try {
    const names = await runs();
    if (!names.length) {
      setText(byId('kernel'), 'no run yet');
      setTimeout(begin, 500);
      return;
    }
    byId('runs').replaceChildren(...names.map(name => new Option(name, name)));
    byId('runs-label').hidden = names.length < 2;
    showRun(names.includes(location.hash.slice(1)) ? location.hash.slice(1) : names[0]);
  } catch (e) {
    if (e instanceof Refused && e.status === 401) askToken();
    else {
      toast(e.message, true);
      setTimeout(begin, 2000);
    }
  }
};

const askToken = () => {
  if (!byId('ask').open) byId('ask').showModal();
};

byId('ask-form').addEventListener('submit', event => {
  event.preventDefault();
  setToken(byId('ask-token').value);
  byId('ask').close();
  begin();
});

const soon = () => open();
const playPause = async () => {
  await act(goesOn() ? 'pause' : 'resume');
  soon();
};
const step = async () => {
  await act('step', { ns: Number(byId('step-size').value) });
  soon();
};

byId('play').addEventListener('click', playPause);
byId('step').addEventListener('click', step);
byId('speed').addEventListener('change', async event => {
  await act('speed', { speed: event.target.value ? Number(event.target.value) : null });
});
byId('runs').addEventListener('change', event => {
  location.hash = event.target.value;
  showRun(event.target.value);
});
byId('filter').addEventListener('input', event => rows.set('filter', event.target.value.trim().toLowerCase()));
byId('order').addEventListener('change', event => rows.set('order', event.target.value));
byId('scale').addEventListener('change', event => rows.set('scale', event.target.value));
byId('help').addEventListener('click', () => byId('keys').showModal());

const dark = () => document.documentElement.dataset.theme
  ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
const repaint = () => {
  forgetColours();
  rows.redraw();
  matrix.repaint();
  curves.repaint();
};
const theme = name => {
  document.documentElement.dataset.theme = name;
  localStorage.setItem('theme', name);
  repaint();
};
byId('theme').addEventListener('click', () => theme(dark() ? 'light' : 'dark'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
if (localStorage.getItem('theme')) document.documentElement.dataset.theme = localStorage.getItem('theme');

document.addEventListener('visibilitychange', () => { if (!document.hidden) paint(); });
document.addEventListener('keydown', event => {
  const typing = event.target.matches('input, select, textarea') || document.querySelector('dialog[open]');
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) {
    if (event.target === byId('filter') && byId('filter').value) {
      byId('filter').value = '';
      rows.set('filter', '');
    } else if (!typing) rows.leave();
    byId('rows').focus();
    return;
  }
  if (event.key === 'Enter' && event.target === byId('rows') && chosen) {
    detail.focus();
    event.preventDefault();
    return;
  }
  if (typing) return;
  const does = {
    ' ': () => event.target.tagName === 'BUTTON' || event.target.tagName === 'SUMMARY' ? null : playPause(),
    '.': step, '/': () => byId('filter').focus(), t: () => theme(dark() ? 'light' : 'dark'), '?': () => byId('keys').showModal(),
  }[event.key];
  if (does) {
    if (does() !== null) event.preventDefault();
  }
});

begin();
