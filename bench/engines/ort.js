// SPDX-License-Identifier: LGPL-2.1-or-later
// usage: node ort.js FOLDER fp32|int8 THREADS; what it says and reads is described in turns.hpp

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const ort = require('onnxruntime-node');

const SIZE = 112;
const STAGE_PLANES = [1, 3];
const TURN = 20; // milliseconds

function readInputs(file) {
  const bytes = fs.readFileSync(file);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const feeds = {};
  let start = 0;
  STAGE_PLANES.forEach((planes, i) => {
    const end = start + planes * SIZE * SIZE;
    feeds[`input${i + 1}`] = new ort.Tensor('float32', numbers.slice(start, end), [1, planes, SIZE, SIZE]);
    start = end;
  });
  return feeds;
}

async function time(session, feeds, calls) {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await session.run(feeds);
  return (performance.now() - start) / calls;
}

async function takeTurns(session, feeds, n) {
  const turns = [];
  await time(session, feeds, 1);
  const calls = Math.floor(TURN / await time(session, feeds, 1)) + 1;
  for (let i = 0; i < n; i++) turns.push(await time(session, feeds, calls));
  return turns;
}

async function main([folder, precision, threads]) {
  const feeds = readInputs(path.join(folder, 'inputs.f32'));
  const session = await ort.InferenceSession.create(path.join(folder, `${precision}.onnx`), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const outputs = await session.run(feeds);
  console.log(`ONNX Runtime ${ort.env.versions.node}`);
  console.log(STAGE_PLANES.flatMap((_, i) => Array.from(outputs[`output${i + 1}`].data)).join(' '));
  for await (const line of readline.createInterface({ input: process.stdin }))
    console.log((await takeTurns(session, feeds, Number(line))).join(' '));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`ort.js: ${error.message}`);
  process.exitCode = 1;
});
