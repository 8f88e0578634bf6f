'use strict';

// Sends requests as fast as the replies to those in flight come back. Usage: node client.js DIRECTORY
// Reads lines {"form":"node-ipc" or "masterless","ms":…,"inFlight":…}; writes lines {"requests":…,"seconds":…,"p50":…,"p99":…}, the last two in microseconds
// and only with one request in flight.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { Asking } = require('./masterless-form.js');
const { LinkServer, endWithParent } = require('./form.js');

const PEER = 'answers';
const CONTENT = 'x'.repeat(50);
const client = new LinkServer('asks', process.argv[2]);

const forms = { 'node-ipc': (data) => client.send(PEER, data) };

const now = () => Number(process.hrtime.bigint()) / 1000;

const ask = async (send, end, durations) => {
  let requests = 0;
  for (let start = now(); start < end; requests++) {
    const reply = await send({ content: CONTENT });
    if (reply.response !== CONTENT) throw new Error('A reply has the wrong content.');
    const done = now();
    durations?.push(done - start);
    start = done;
  }
  return requests;
};

const measure = async ({ form, ms, inFlight }) => {
  const durations = inFlight === 1 ? [] : undefined;
  const start = now();
  const counts = await Promise.all(Array.from({ length: inFlight }, () => ask(forms[form], start + ms * 1000, durations)));
  const seconds = (now() - start) / 1e6;
  durations?.sort((left, right) => left - right);
  const at = (share) => durations?.[Math.floor(durations.length * share)];
  return { requests: counts.reduce((sum, one) => sum + one, 0), seconds, p50: at(0.5), p99: at(0.99) };
};

createInterface({ input: process.stdin }).on('line', (line) => {
  measure(JSON.parse(line)).then(
    (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
    (error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    });
});
Promise.all([
  client.connectTo(PEER),
  Asking.connect('asks', PEER, readFileSync(join(process.argv[2], 'masterless'), 'utf8')),
]).then(([, asking]) => {
  forms.masterless = (data) => asking.send(data);
  process.stdout.write('ready\n');
});
endWithParent();
