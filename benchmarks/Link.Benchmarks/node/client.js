'use strict';

// Sends requests as fast as the replies to those in flight come back. Usage: node client.js DIRECTORY
// Reads lines {"ms":…,"inFlight":…}; writes lines {"requests":…,"seconds":…,"p50":…,"p99":…}, the last two in microseconds
// and only with one request in flight.
const { makeIpc, endWithParent } = require('./form.js');

const PEER = 'answers';
const CONTENT = 'x'.repeat(50);
const ipc = makeIpc(process.argv[2], 'asks');
const pending = new Map();
let count = 0;

// Unique, unlike the original's, which many requests of one millisecond share.
const nextId = () => (++count).toString(36);

const send = (data) => new Promise((resolve, reject) => {
  const id = nextId();
  pending.set(id, { resolve, reject });
  ipc.of[PEER].emit('message', JSON.stringify({ id, sentBy: 'asks', data }));
});

const settle = (text) => {
  const reply = JSON.parse(text);
  const promise = pending.get(reply.id);
  if (!promise) return;
  pending.delete(reply.id);
  if (reply.success) promise.resolve(reply);
  else promise.reject(reply);
};

const now = () => Number(process.hrtime.bigint()) / 1000;

const ask = async (end, durations) => {
  let requests = 0;
  for (let start = now(); start < end;) {
    const reply = await send({ content: CONTENT });
    if (reply.response !== CONTENT) throw new Error('A reply has the wrong content.');
    const done = now();
    if (durations) durations.push(done - start);
    start = done;
    requests++;
  }
  return requests;
};

const measure = async ({ ms, inFlight }) => {
  const durations = inFlight === 1 ? [] : null;
  const start = now();
  const counts = await Promise.all(Array.from({ length: inFlight }, () => ask(start + ms * 1000, durations)));
  const seconds = (now() - start) / 1e6;
  durations?.sort((left, right) => left - right);
  const at = (share) => durations?.[Math.floor(durations.length * share)];
  return { requests: counts.reduce((sum, one) => sum + one, 0), seconds, p50: at(0.5), p99: at(0.99) };
};

let connected = false;
ipc.connectTo(PEER, () => {
  ipc.of[PEER].on('message', settle);
  ipc.of[PEER].on('connect', () => {
    if (!connected) process.stdout.write('ready\n');
    connected = true;
  });
});

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  measure(JSON.parse(line)).then(
    (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
    (error) => { process.stderr.write(`${error.stack}\n`); process.exit(1); });
});
endWithParent();
