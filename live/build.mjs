// Bundles src/ into ../silo/Live/Assets, which is committed: building reclaim itself needs no node. What needs no bundling
// (index.html, icon.svg) the silo's assembly takes from src/ itself.
// The banner names the sources by their hash: tests/Live.Tests holds the two together. `npm run check` tells whether what is
// committed is byte for byte what the sources give.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { build } from 'esbuild';

const sources = readdirSync('src').sort();
const hash = createHash('sha256');
for (const name of sources) {
  hash.update(name).update('\0').update(readFileSync(`src/${name}`)).update('\0');
}

const banner = `/*! reclaim live page, sources ${hash.digest('hex')}; uPlot (c) Leon Sorokin, MIT */`;
const out = process.argv[2] ?? '../silo/Live/Assets';
await build({
  entryPoints: { live: 'src/main.js' },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome110', 'firefox110', 'safari16'],
  banner: { js: banner, css: banner },
  legalComments: 'none',
});
