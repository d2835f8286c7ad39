// Figures as people read them.
const units = ['', 'K', 'M', 'G', 'T', 'P'];

export const bytes = n => {
  if (n == null) return 'max';
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${n >= 100 || Number.isInteger(n) ? Math.round(n) : n.toFixed(1)}${units[i]}`;
};

export const count = n => {
  if (!Number.isFinite(n)) return '';
  const size = Math.abs(n);
  if (size >= 1e9) return `${(n / 1e9).toFixed(1)}G`;
  if (size >= 1e6) return `${(n / 1e6).toFixed(1)}M`;
  if (size >= 1e4) return `${(n / 1e3).toFixed(size >= 1e5 ? 0 : 1)}k`;
  return size >= 100 || Number.isInteger(n) ? `${Math.round(n)}` : n.toFixed(1);
};

export const whole = n => n.toLocaleString('en-US');

export const clock = ns => {
  const s = ns / 1e9;
  const minutes = Math.floor(s / 60);
  const seconds = (s - minutes * 60).toFixed(3).padStart(6, '0');
  return minutes >= 60
    ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`
    : `${String(minutes).padStart(2, '0')}:${seconds}`;
};
