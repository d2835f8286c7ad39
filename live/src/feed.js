// What the server says: a line of JSON each second, and answers to commands.
import { createFrames } from './frames.js';

let token = new URLSearchParams(location.search).get('token') ?? sessionStorage.getItem('token') ?? '';

if (location.search) {
  // The address bar and what is copied from it keep no token.
  sessionStorage.setItem('token', token);
  history.replaceState(null, '', location.pathname + location.hash);
}

export const setToken = given => {
  token = given;
  sessionStorage.setItem('token', given);
};

const headers = () => ({ Authorization: `Bearer ${token}` });

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const ask = async (path, options = {}) => {
  const response = await fetch(path, { ...options, headers: { ...headers(), ...options.headers } });
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Refused(response.status, said.error ?? response.statusText);
  }
  return response;
};

export const runs = async () => (await ask('runs')).json();

export const command = async (run, name, body = {}) =>
  (await ask(`runs/${encodeURIComponent(run)}/${name}`, {
    method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' },
  })).json();

// Frames of a run until cancelled; connects again when the connection breaks.
export const follow = (run, cgroup, onFrame, onState) => {
  const stop = new AbortController();
  const query = cgroup ? `?cgroup=${encodeURIComponent(cgroup)}` : '';
  const read = async () => {
    const response = await ask(`runs/${encodeURIComponent(run)}/frames${query}`, { signal: stop.signal });
    onState(null);
    const frames = createFrames();
    const decoder = new TextDecoder();
    let rest = '';
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop();
      // Of several that came at once the last is how it stands, but each tells only what has changed.
      const told = lines.map(line => frames(JSON.parse(line)));
      if (told.length) onFrame(told.at(-1));
    }
  };
  (async () => {
    for (let wait = 500; !stop.signal.aborted; wait = Math.min(wait * 2, 8000)) {
      try {
        await read();
        wait = 500;
      } catch (e) {
        if (stop.signal.aborted) return;
        onState(e);
        if (e instanceof Refused && e.status < 500) return;
      }
      if (!stop.signal.aborted) onState(new Error('the connection is gone; trying again'));
      await new Promise(done => setTimeout(done, wait));
    }
  })();
  return () => stop.abort();
};
