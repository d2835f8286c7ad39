// Frames as the rest of the page has them: the server tells only what has changed since the frame before.
export const createFrames = () => {
  const hosts = new Map();
  const begin = paths => ({ paths, cgroups: [], matrix: [], matrixAt: 0, detail: null });
  let count = 0;

  const cgroup = (paths, c) => ({
    at: {
      path: paths[c.i], isParent: c.parent === true, done: c.done === true, nowNs: c.now, accesses: c.accesses, misses: c.misses, io: c.io,
      memoryMax: c.max, memoryHigh: c.high, memoryLow: c.low, memoryMin: c.min, swappiness: c.swappiness, lists: c.lists ?? [],
    },
    current: c.current, swap: c.swap, refaults: c.refaults, stall: c.stall,
  });

  return news => {
    count++;
    const shown = news.hosts.map(({ number, name, nowNs, nodes, paths, cgroups, matrix, detail }) => {
      if (paths) hosts.set(number, begin(paths));
      const host = hosts.get(number);
      for (const c of cgroups) host.cgroups[c.i] = cgroup(host.paths, c);
      if (matrix) [host.matrix, host.matrixAt] = [matrix, count];
      if (detail) host.detail = detail;
      return { number, name, nowNs, nodes, cgroups: host.cgroups, matrix: host.matrix, matrixAt: host.matrixAt, detail: host.detail };
    });
    return { ...news, hosts: shown };
  };
};
