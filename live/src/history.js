// What cgroups were like before: rates by virtual time, which frames only tell the sums of.
const most = 600;

class Curve {
  t = [];
  refaults = [];
  io = [];
  psi = [];
  last = null;
  // Grows with each point.
  points = 0;

  // Adds a frame; what has not moved in virtual time adds nothing.
  add(now, sums) {
    if (this.last && now < this.last.now) this.clear();
    const last = this.last;
    // A moment too short to tell a rate by counts with the next.
    if (last && now > last.now && now - last.now < Math.min(5e6, (now - this.t[0] * 1e9) / 400)) return;
    if (last && now > last.now) {
      const seconds = (now - last.now) / 1e9;
      this.t.push(now / 1e9);
      this.refaults.push(Math.max(0, sums.refaults - last.refaults) / seconds);
      this.io.push(Math.max(0, sums.io - last.io) / seconds);
      this.psi.push(Math.min(100, Math.max(0, sums.stall - last.stall) / seconds / 1e4));
      this.points++;
      if (this.t.length > most) this.thin();
    }
    if (!last || now > last.now) this.last = { now, ...sums };
  }

  // The older half keeps every second point.
  thin() {
    for (const name of ['t', 'refaults', 'io', 'psi']) {
      this[name] = this[name].filter((_, i) => i >= most / 2 || i % 2 === 0);
    }
  }

  clear() {
    this.t = []; this.refaults = []; this.io = []; this.psi = []; this.last = null; this.points++;
  }

  get refaultRate() { return this.refaults.at(-1) ?? 0; }
  get pressure() { return this.psi.at(-1) ?? 0; }
}

const curves = new Map();
export const total = new Curve();
export const keyOf = (host, path) => `${host}:${path}`;
export const curveOf = key => curves.get(key);

export const reset = () => {
  curves.clear();
  total.clear();
};

export const note = frame => {
  const sum = { refaults: 0, io: 0, stall: 0 };
  let members = 0;
  for (const host of frame.hosts) {
    for (const cgroup of host.cgroups) {
      const { at } = cgroup;
      const key = keyOf(host.number, at.path);
      if (!curves.has(key)) curves.set(key, new Curve());
      const sums = { refaults: cgroup.refaults, io: at.io, stall: cgroup.stall };
      curves.get(key).add(at.nowNs, sums);
      if (at.isParent) continue;
      members++;
      sum.refaults += sums.refaults;
      sum.io += sums.io;
      sum.stall += sums.stall;
    }
  }
  // The mean of all: a sum of shares of time means nothing.
  sum.stall /= Math.max(1, members);
  total.add(frame.nowNs, sum);
};
