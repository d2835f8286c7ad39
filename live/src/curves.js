// Refaults, device accesses and pressure over virtual time.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { byId, colour } from './dom.js';
import { count } from './text.js';

const kinds = [['refaults', 'refaults / s', '--curve-refaults'], ['io', 'device pages / s', '--curve-io'], ['psi', 'memory stall %', '--curve-psi']];

// uPlot counts it apart.
const titleHeight = 20;

export const createCurves = () => {
  let plots = [];
  let curve = null;
  let drawn = -1;

  const size = node => ({ width: Math.max(120, node.clientWidth), height: Math.max(60, node.clientHeight - titleHeight) });

  const begin = () => {
    plots.forEach(plot => plot.destroy());
    const axis = { stroke: colour('--dim'), grid: { stroke: colour('--grid'), width: 1 }, ticks: { show: false }, font: '11px system-ui' };
    plots = kinds.map(([name, label, paint]) => {
      const node = byId(`plot-${name}`);
      return new uPlot({
        ...size(node),
        title: label,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, sync: { key: 'time' }, points: { size: 5 } },
        scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high, name === 'psi' ? 1 : 10)] } },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map(t => `${t}s`), size: 26 },
          { ...axis, values: (_, ticks) => ticks.map(count), size: 44 },
        ],
        series: [{}, { label, stroke: colour(paint), fill: `${colour(paint)}22`, width: 1.5, points: { show: false } }],
      }, [[], []], node);
    });
  };

  const draw = () => {
    if (!plots.length) begin();
    if (curve) kinds.forEach(([name], i) => plots[i].setData([curve.t, curve[name]]));
  };

  new ResizeObserver(() => plots.forEach((plot, i) => plot.setSize(size(byId(`plot-${kinds[i][0]}`))))).observe(byId('plot-refaults'));

  return {
    show: next => {
      if (next === curve && next.points === drawn) return;
      [curve, drawn] = [next, next.points];
      draw();
    },
    repaint: () => { begin(); draw(); },
  };
};
